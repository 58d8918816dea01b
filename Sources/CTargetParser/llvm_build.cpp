#include "llvm_build.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <link.h>
#include <llvm-c/Core.h>

namespace {

struct Search {
  uintptr_t address;
  unsigned char *notes;
  size_t capacity;
  size_t found;

  bool is_in(const dl_phdr_info *object) const {
    for (int i = 0; i < object->dlpi_phnum; i++) {
      const ElfW(Phdr) &part = object->dlpi_phdr[i];
      uintptr_t start = object->dlpi_addr + part.p_vaddr;
      if (part.p_type == PT_LOAD && address >= start && address - start < part.p_memsz) return true;
    }
    return false;
  }

  void append(const dl_phdr_info *object) {
    for (int i = 0; i < object->dlpi_phnum; i++) {
      const ElfW(Phdr) &part = object->dlpi_phdr[i];
      if (part.p_type != PT_NOTE) continue;
      const void *start = reinterpret_cast<const void *>(object->dlpi_addr + part.p_vaddr);
      if (found < capacity)
        memcpy(notes + found, start, std::min<size_t>(part.p_memsz, capacity - found));
      found += part.p_memsz;
    }
  }
};

} // namespace

extern "C" size_t martlet_llvm_notes(unsigned char *notes, size_t capacity) {
  Search search{reinterpret_cast<uintptr_t>(&LLVMGetVersion), notes, capacity, 0};
  dl_iterate_phdr(
      [](dl_phdr_info *object, size_t, void *context) {
        auto search = static_cast<Search *>(context);
        if (!search->is_in(object)) return 0;
        search->append(object);
        return 1;
      },
      &search);
  return search.found;
}
