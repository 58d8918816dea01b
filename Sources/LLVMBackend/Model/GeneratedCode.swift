/// The machine code of a program.
package struct GeneratedCode: Sendable {
  /// An object file for each kernel; kernels that differ in nothing that matters have one.
  package let kernels: [[UInt8]]
  /// The object file of the descriptor.
  package let descriptor: [UInt8]
  /// How many of the object files came from the cache.
  package let cachedKernelCount: Int

  package var objects: [[UInt8]] { kernels + [descriptor] }
}
