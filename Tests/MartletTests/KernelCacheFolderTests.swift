import Martlet
import Testing

struct KernelCacheFolderTests {
  @Test(
    "the usual folder follows the base directories",
    arguments: [
      (["XDG_CACHE_HOME": "/x", "HOME": "/h"], "/x/martlet/kernels"),
      (["XDG_CACHE_HOME": "x", "HOME": "/h"], "/h/.cache/martlet/kernels"),
      (["XDG_CACHE_HOME": "", "HOME": "/h"], "/h/.cache/martlet/kernels"),
      (["HOME": "/h"], "/h/.cache/martlet/kernels"), (["HOME": "h"], nil), ([:], nil),
    ] as [([String: String], String?)])
  func usual(_ environment: [String: String], _ expected: String?) {
    #expect(KernelCacheFolder.usual(environment: environment)?.path == expected)
  }
}
