#include <limits>

#include "message.hpp"

using namespace conn;

conn_message *conn_add_child(conn_message *message, int number) {
  return guarded<conn_message *>(nullptr, [&]() -> conn_message * {
    Field field(message, number);
    if (!field.known() || field.type() != FieldDescriptor::CPPTYPE_MESSAGE) return nullptr;
    Message &m = unwrap(message);
    return wrap(field.repeated() ? field.reflection->AddMessage(&m, field.descriptor)
                                 : field.reflection->MutableMessage(&m, field.descriptor));
  });
}

bool conn_add_string(conn_message *message, int number, const void *data, size_t count) {
  return guarded<bool>(false, [&] {
    Field field(message, number);
    if (!field.known() || field.type() != FieldDescriptor::CPPTYPE_STRING) return false;
    std::string text(static_cast<const char *>(data), count);
    Message &m = unwrap(message);
    if (field.repeated())
      field.reflection->AddString(&m, field.descriptor, std::move(text));
    else
      field.reflection->SetString(&m, field.descriptor, std::move(text));
    return true;
  });
}

bool conn_add_integer(conn_message *message, int number, int64_t value) {
  return guarded<bool>(false, [&] {
    Field field(message, number);
    if (!field.known()) return false;
    Message &m = unwrap(message);
    const Reflection *r = field.reflection;
    const FieldDescriptor *d = field.descriptor;
    switch (field.type()) {
      case FieldDescriptor::CPPTYPE_INT32: {
        const auto narrow = static_cast<int32_t>(value);
        field.repeated() ? r->AddInt32(&m, d, narrow) : r->SetInt32(&m, d, narrow);
        return narrow == value;
      }
      case FieldDescriptor::CPPTYPE_INT64:
        field.repeated() ? r->AddInt64(&m, d, value) : r->SetInt64(&m, d, value);
        return true;
      case FieldDescriptor::CPPTYPE_ENUM:
        if (field.repeated()) return false;
        r->SetEnumValue(&m, d, static_cast<int>(value));
        return true;
      default: return false;
    }
  });
}

bool conn_add_real(conn_message *message, int number, double value) {
  return guarded<bool>(false, [&] {
    Field field(message, number);
    if (!field.known() || field.type() != FieldDescriptor::CPPTYPE_FLOAT) return false;
    Message &m = unwrap(message);
    const auto narrow = static_cast<float>(value);
    field.repeated() ? field.reflection->AddFloat(&m, field.descriptor, narrow)
                     : field.reflection->SetFloat(&m, field.descriptor, narrow);
    return true;
  });
}
