public import Diagnostics

extension Model {
  /// Everything that keeps a model from being compiled, and the warnings; empty when there is nothing to say.
  public static func problems(at path: String, shapes: [ShapeBinding] = []) -> DiagnosticList {
    do throws(DiagnosticList) {
      var model = try Model(contentsOf: path)
      var found = model.warnings
      do throws(Diagnostic) {
        try model.bind(shapes)
      } catch {
        found.append(error)
      }
      return found
    } catch {
      return error
    }
  }
}
