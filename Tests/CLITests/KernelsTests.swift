import Foundation
import Testing

@Suite("martlet kernels") struct KernelsTests {
  @Test("prints every row and marks the one that is taken")
  func printsRows() throws {
    let finished = try Command.run(
      "kernels", "--bench", "1,32,12,12,32,3,3", "--bench", "12,32,48", "--seconds", "0.05",
      "--json")
    #expect(finished.status == 0, "\(finished.error)")
    let reports = try #require(try finished.json([[String: Any]].self))
    try #require(reports.count == 2)
    let rows = try #require(reports[0]["rows"] as? [[String: Any]])
    #expect(rows.count > 2)
    #expect(rows.filter { $0["isChosen"] as? Bool == true }.count == 1)
    let times = rows.compactMap { $0["microseconds"] as? Double }
    #expect(times.count == rows.count && times == times.sorted() && times[0] > 0)
    #expect(rows.contains { ($0["name"] as? String)?.contains("winograd") == true })
  }

  @Test(
    "says what is wrong with sizes",
    arguments: [
      "1,2", "0,4,4", "1,32,12,12,32,3", "a,b,c", "9999999999,9999999999,99", "1000000,1000000,1",
    ])
  func refusesSizes(sizes: String) throws {
    let finished = try Command.run("kernels", "--bench", sizes)
    #expect([1, 64].contains(finished.status))
    #expect(finished.error.contains("expected"))
  }

  @Test("tuning writes a database that the next compilation reads")
  func tunes() throws {
    try Command.temporaryFolder { folder in
      let database = folder.appendingPathComponent("tuning.json").path
      let library = folder.appendingPathComponent("model.so").path
      let model = Command.model("digits_cnn")
      let missing = try Command.run("compile", model, "-o", library, "--tuning", database)
      #expect(missing.status == 1)
      let tuned = try Command.run(
        "compile", model, "-o", library, "--tuning", database, "--tune", "0.5", "--shape", "N=1")
      #expect(tuned.status == 0, "\(tuned.error)")
      let text = try String(contentsOfFile: database, encoding: .utf8)
      #expect(text.contains("\"version\" : 1"))
      let again = try Command.run(
        "compile", model, "-o", library, "--tuning", database, "--shape", "N=1")
      #expect(again.status == 0, "\(again.error)")
      let checked = try Command.run("verify", model, "--artefact", library)
      #expect(checked.status == 0, "\(checked.error)")
    }
  }
}
