#include "martlet_model.h"
