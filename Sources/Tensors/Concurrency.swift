import Dispatch
import Synchronization

/// The results of `count` independent computations, in order; they run on all processors.
///
/// - Throws: what the first that fails throws, in their order.
package func concurrently<Result: Sendable, Failure: Error>(
  _ count: Int, _ compute: @Sendable (Int) throws(Failure) -> Result
) throws(Failure) -> [Result] {
  if count == 1 { return [try compute(0)] }
  let results = Mutex<[Int: Swift.Result<Result, Failure>]>([:])
  DispatchQueue.concurrentPerform(iterations: count) { number in
    let result = Swift.Result { () throws(Failure) in try compute(number) }
    results.withLock { $0[number] = result }
  }
  let finished = results.withLock { $0 }
  var ordered: [Result] = []
  ordered.reserveCapacity(count)
  for number in 0..<count {
    if let result = finished[number] { ordered.append(try result.get()) }
  }
  return ordered
}

/// The results of two computations that run at the same time.
///
/// - Throws: what the first throws, else what the second does.
package func concurrently<First: Sendable, Second: Sendable, Failure: Error>(
  _ first: @Sendable () throws(Failure) -> First, _ second: @Sendable () throws(Failure) -> Second
) throws(Failure) -> (First, Second) {
  let results = Mutex<(Result<First, Failure>?, Result<Second, Failure>?)>((nil, nil))
  DispatchQueue.concurrentPerform(iterations: 2) { number in
    if number == 0 {
      let result = Result { () throws(Failure) in try first() }
      results.withLock { $0.0 = result }
    } else {
      let result = Result { () throws(Failure) in try second() }
      results.withLock { $0.1 = result }
    }
  }
  guard let one = results.withLock({ $0.0 }), let other = results.withLock({ $0.1 }) else {
    preconditionFailure("a computation has not run")
  }
  return (try one.get(), try other.get())
}

extension Tensor {
  /// A tensor whose elements are written in consecutive parts, on all processors; zero where nothing is written.
  ///
  /// - Parameters:
  ///   - partSize: elements of a part; the last may have fewer.
  ///   - fill: writes the part with a number.
  package init<T: TensorElement>(
    of: T.Type, shape: [Int], partSize: Int,
    fill: @Sendable (_ part: Int, _ elements: inout MutableSpan<T>) -> Void
  ) {
    self.init(type: T.elementType, shape: shape) { raw in
      nonisolated(unsafe) let all = raw.bindMemory(to: T.self)
      let size = max(1, partSize)
      DispatchQueue.concurrentPerform(iterations: (all.count + size - 1) / size) { number in
        let range = number * size..<min((number + 1) * size, all.count)
        let part = UnsafeMutableBufferPointer(rebasing: all[range])
        var span = part.mutableSpan
        fill(number, &span)
      }
    }
  }
}
