import Foundation
import LLVMBackend

/// A folder in which compilations keep the machine code of kernels for each other.
///
/// Any number of compilers may use it at once. It holds at most 256 MB: what was not used for the longest time goes
/// first. Removing it, or files in it, at any moment costs time and nothing else.
public struct KernelCacheFolder: Sendable, Hashable {
  let cache: KernelCache

  public init(_ path: String) {
    cache = KernelCache(directory: URL(fileURLWithPath: path).path)
  }

  public var path: String { cache.directory }

  /// `martlet/kernels` in the user's folder for caches: `$XDG_CACHE_HOME`, else `~/.cache`; nil when there is no such.
  public static func usual(environment: [String: String]? = nil) -> KernelCacheFolder? {
    let environment = environment ?? ProcessInfo.processInfo.environment
    // The specification of base directories has relative paths ignored.
    if let caches = environment["XDG_CACHE_HOME"], caches.hasPrefix("/") {
      return KernelCacheFolder(caches + "/martlet/kernels")
    }
    guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
    return KernelCacheFolder(home + "/.cache/martlet/kernels")
  }
}
