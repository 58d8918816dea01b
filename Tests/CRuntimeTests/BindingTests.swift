import CRuntime
import CRuntimeTestSupport
import Testing

@Suite("inputs and outputs are bound and checked")
struct BindingTests {
  static func joinInputs(rows: Int64, columns: Int64) -> [Value] {
    [
      Value(floats: (0..<rows * 4).map { Float($0) }, shape: [rows, 4]),
      Value(floats: (0..<rows * columns).map { Float(-$0) }, shape: [rows, columns]),
      Value(floats: [100], shape: []),
    ]
  }

  @Test(arguments: [(1, 1), (2, 3), (7, 2), (2, 3), (0, 5), (3, 0), (64, 17)] as [(Int64, Int64)])
  func symbolsComeFromInputs(rows: Int64, columns: Int64) throws {
    let session = try Session(test_join())
    let outputs = try session.run(Self.joinInputs(rows: rows, columns: columns))
    #expect(outputs[0].shape == [rows, columns + 4])
    #expect(outputs[1].shape == [2 * rows])
    for row in 0..<rows {
      let expected =
        (row * 4..<row * 4 + 4).map { min(100, Float($0)) }
        + (row * columns..<(row + 1) * columns).map { Float(-$0) }
      let width = columns + 4
      let found = outputs[0].elements(Float.self)[Int(row * width)..<Int((row + 1) * width)]
      #expect(Array(found) == expected)
      #expect(outputs[1].elements(Double.self)[Int(2 * row + 1)] == Double(expected.reduce(0, +)))
    }
  }

  @Test func oneSessionTakesOneShapeAfterTheOther() throws {
    let session = try Session(test_join(), threads: 2)
    for (rows, columns) in [(3, 2), (50, 9), (1, 1), (50, 9), (2, 700)] as [(Int64, Int64)] {
      let outputs = try session.run(Self.joinInputs(rows: rows, columns: columns))
      #expect(outputs[0].shape == [rows, columns + 4])
      #expect(outputs[0].elements(Float.self)[0] == 0)
      #expect(outputs[0].elements(Float.self).last == -Float(rows * columns - 1))
    }
  }

  struct Mistake: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var input: Int
    var type: Int32 = 1
    var shape: [Int64]
    var status: Int
    var message: String
  }

  @Test(arguments: [
    Mistake(
      testDescription: "type", input: 0, type: 11, shape: [2, 4], status: MARTLET_WRONG_TYPE,
      message: "input 'image' has type double (11), expected float (1)"),
    Mistake(
      testDescription: "rank", input: 0, shape: [2, 4, 1], status: MARTLET_WRONG_RANK,
      message: "input 'image' has 3 dimensions, expected 2: "
        + "its shape is [2, 4, 1], expected [N, 4]"),
    Mistake(
      testDescription: "rank 0", input: 2, shape: [1], status: MARTLET_WRONG_RANK,
      message: "input 'limit' has 1 dimensions, expected 0: its shape is [1], expected []"),
    Mistake(
      testDescription: "constant dimension", input: 0, shape: [2, 5], status: MARTLET_WRONG_SHAPE,
      message: "input 'image' has shape [2, 5], expected [N=2, 4]"),
    Mistake(
      testDescription: "second use of a symbol", input: 1, shape: [3, 3],
      status: MARTLET_WRONG_SHAPE,
      message: "input 'mask' has shape [3, 3], expected [N=2, M=3]"),
    Mistake(
      testDescription: "negative", input: 1, shape: [-2, 3], status: MARTLET_WRONG_SHAPE,
      message: "input 'mask' has shape [-2, 3], expected [N, M]"),
    Mistake(
      testDescription: "overflow", input: 1, shape: [1 << 40, 1 << 40], status: MARTLET_WRONG_SHAPE,
      message: "input 'mask' has shape [1099511627776, 1099511627776], expected [N, M]"),
  ])
  func messageNamesTensorAndShapes(mistake: Mistake) throws {
    let session = try Session(test_join())
    var inputs = Self.joinInputs(rows: 2, columns: 3)
    inputs[mistake.input].type = mistake.type
    inputs[mistake.input].shape = mistake.shape
    let failure = #expect(throws: Failure.self) { try session.run(inputs) }
    #expect(failure?.status == Int32(mistake.status))
    #expect(failure?.message == mistake.message)
    // The session still works.
    let outputs = try session.run(Self.joinInputs(rows: 2, columns: 3))
    #expect(outputs[0].shape == [2, 7])
  }

  @Test func everyStatusHasAText() {
    for status in 0...11 {
      let text = String(cString: martlet_session_status_message(Int32(status)))
      #expect(!text.isEmpty && text != "unknown status")
    }
    #expect(String(cString: martlet_session_status_message(99)) == "unknown status")
  }

  @Test func callersOutputsAreFilledInPlace() throws {
    let session = try Session(test_static())
    let x = Value(floats: (0..<24).map { Float($0) }, shape: [24])
    let y = Value(floats: Array(repeating: Float(7), count: 24), shape: [24])
    let outputs = try session.run([x], given: [y])
    #expect(outputs[0].elements(Float.self) == (0..<24).map { 3 * Float($0 + 1) })
  }

  @Test func callersOutputsAreChecked() throws {
    let session = try Session(test_join())
    let inputs = Self.joinInputs(rows: 2, columns: 3)
    let short = Value(floats: Array(repeating: Float(5), count: 12), shape: [2, 6])
    let failure = #expect(throws: Failure.self) { try session.run(inputs, given: [short]) }
    #expect(failure?.message == "output 'joined' has shape [2, 6], expected [N=2, 7]")
    let wide = Value(type: 11, shape: [2, 7], bytes: Array(repeating: 0, count: 112))
    let other = #expect(throws: Failure.self) { try session.run(inputs, given: [wide]) }
    #expect(other?.status == Int32(MARTLET_WRONG_TYPE))
  }

  @Test(arguments: [
    (MARTLET_EQUAL, 3, 3, true), (MARTLET_EQUAL, 1, 3, false), (MARTLET_EQUAL_OR_ONE, 1, 3, true),
    (MARTLET_EQUAL_OR_ONE, 3, 1, false), (MARTLET_AT_MOST, 2, 3, true),
    (MARTLET_AT_MOST, 4, 3, false),
  ])
  func sizesAreCompared(_ relation: Int, _ rows: Int, _ columns: Int, _ fits: Bool) throws {
    var model = test_join().pointee
    try "add".withCString { label in
      try "dimension 0 of 'image'".withCString { subject in
        var check = martlet_check(
          label: label, subject: subject, value: 0, relation: Int32(relation), expected: 1, step: 0)
        try withUnsafePointer(to: &check) { checks in
          model.checks = checks
          model.check_count = 1
          let session = try Session(&model)
          let inputs = Self.joinInputs(rows: Int64(rows), columns: Int64(columns))
          if fits {
            #expect(try session.run(inputs).count == 2)
            return
          }
          let failure = #expect(throws: Failure.self) { try session.run(inputs) }
          #expect(failure?.status == Int32(MARTLET_WRONG_SHAPE))
          let wordings = [MARTLET_EQUAL_OR_ONE: "1 or ", MARTLET_AT_MOST: "at most "]
          let wording = wordings[relation] ?? ""
          #expect(
            failure?.message
              == "node 'add': dimension 0 of 'image' is \(rows), expected \(wording)\(columns)")
        }
      }
    }
  }

  @Test func nullPointersAreRefused() throws {
    let session = try Session(test_static())
    #expect(martlet_session_run(nil, nil, nil) == MARTLET_BAD_ARGUMENT)
    #expect(martlet_session_run(session.handle, nil, nil) == MARTLET_BAD_ARGUMENT)
    #expect(martlet_session_create_for_model(nil, nil, nil) == MARTLET_BAD_ARGUMENT)
    martlet_session_destroy(nil)
  }

  @Test func anotherVersionOfTheModelIsRefused() {
    var model = test_static().pointee
    model.version += 1
    #expect(throws: Failure.self) { try Session(&model) }
  }
}
