#include "target_parser.h"

#include <cstring>
#include <string>

#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringMap.h>
#include <llvm/ADT/StringRef.h>
#include <llvm/TargetParser/AArch64TargetParser.h>
#include <llvm/TargetParser/X86TargetParser.h>

using llvm::StringRef;

namespace {

/* Calls `change(name, enabled)` for every part of "+avx2,-fma". */
template <typename Change> void for_each_change(StringRef features, Change change) {
  llvm::SmallVector<StringRef, 64> parts;
  features.split(parts, ',', -1, false);
  for (StringRef part : parts)
    if (part.starts_with("+") || part.starts_with("-"))
      change(part.drop_front(), part.front() == '+');
}

void append(std::string &list, StringRef name) {
  if (!list.empty()) list += ',';
  list += name.str();
}

bool x86_features(StringRef cpu, StringRef features, std::string &list) {
  if (llvm::X86::parseArchX86(cpu, /*Only64Bit=*/true) == llvm::X86::CK_None) return false;
  llvm::SmallVector<StringRef, 64> own;
  llvm::X86::getFeaturesForCPU(cpu, own);
  llvm::StringMap<bool> enabled;
  auto change = [&](StringRef name, bool on) {
    llvm::X86::updateImpliedFeatures(name, on, enabled);
    enabled[name] = on;
  };
  /* LLVM leaves out what the others imply. */
  for (StringRef name : own) change(name, true);
  for_each_change(features, change);
  for (const auto &feature : enabled)
    if (feature.second) append(list, feature.first());
  return true;
}

bool aarch64_features(StringRef cpu, StringRef features, std::string &list) {
  llvm::AArch64::ExtensionSet set;
  if (auto known = llvm::AArch64::parseCpu(cpu))
    set.addCPUDefaults(*known);
  else if (cpu == "generic")
    set.addArchDefaults(llvm::AArch64::ARMV8A);
  else
    return false;
  for_each_change(features, [&](StringRef name, bool on) {
    for (const auto &extension : llvm::AArch64::Extensions) {
      if (extension.PosTargetFeature.empty() || extension.PosTargetFeature.drop_front() != name)
        continue;
      on ? set.enable(extension.ID) : set.disable(extension.ID);
    }
  });
  for (const auto &extension : llvm::AArch64::Extensions)
    if (set.Enabled.test(extension.ID) && !extension.PosTargetFeature.empty())
      append(list, extension.PosTargetFeature.drop_front());
  return true;
}

} // namespace

extern "C" char *martlet_target_features(const char *architecture, const char *cpu,
                                         const char *features) {
  std::string list;
  bool known = StringRef(architecture) == "x86_64" ? x86_features(cpu, features, list)
                                                   : aarch64_features(cpu, features, list);
  return known ? strdup(list.c_str()) : nullptr;
}
