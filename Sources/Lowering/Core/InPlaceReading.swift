package import IR

/// An operator that reads some inputs where they lie, in whatever order: a transposition or a selection before it costs
/// nothing.
package protocol InPlaceReading: Op {
  func readsInPlace(input: Int) -> Bool
}

/// An operator whose output may be a view of its first input's memory.
package protocol ViewMaking: Op {}
