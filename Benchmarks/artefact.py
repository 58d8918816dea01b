"""A compiled model as a Python object, through the C interface that every artefact exports."""

import ctypes
import json

import numpy as np

# ONNX TensorProto.DataType numbers of the element types that numpy has.
NUMPY_TYPES = {
    1: np.float32, 2: np.uint8, 3: np.int8, 4: np.uint16, 5: np.int16, 6: np.int32, 7: np.int64,
    9: np.bool_, 10: np.float16, 11: np.float64, 12: np.uint32, 13: np.uint64, 14: np.complex64,
    15: np.complex128}
TYPE_NUMBERS = {np.dtype(t): n for n, t in NUMPY_TYPES.items()}


class _Tensor(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p), ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("rank", ctypes.c_int32), ("type", ctypes.c_int32)]


_ParallelFor = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p)


class _Options(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32), ("threads", ctypes.c_int32), ("workspace", ctypes.c_void_p),
        ("workspace_bytes", ctypes.c_size_t), ("parallel_for", _ParallelFor),
        ("parallel_context", ctypes.c_void_p)]


class ArtefactError(Exception):
    """What a status of the C interface says."""


class Artefact:
    """One session of a shared library that `martlet compile` made.

    Outputs are left to the session (`data == NULL`), so a run allocates nothing on this side;
    `outputs` copies them out.
    """

    def __init__(self, path, threads=0):
        library = ctypes.CDLL(str(path))
        library.martlet_metadata.restype = ctypes.c_char_p
        library.martlet_status_message.restype = ctypes.c_char_p
        library.martlet_status_message.argtypes = [ctypes.c_int32]
        library.martlet_create.argtypes = [ctypes.POINTER(_Options), ctypes.POINTER(ctypes.c_void_p)]
        library.martlet_run.argtypes = [
            ctypes.c_void_p, ctypes.POINTER(_Tensor), ctypes.POINTER(_Tensor)]
        library.martlet_destroy.argtypes = [ctypes.c_void_p]
        library.martlet_destroy.restype = None
        self._library = library
        self.metadata = json.loads(library.martlet_metadata().decode())
        self.input_names = [port["name"] for port in self.metadata["inputs"]]
        self.output_names = [port["name"] for port in self.metadata["outputs"]]
        self._session = ctypes.c_void_p()
        options = _Options(size=ctypes.sizeof(_Options), threads=threads)
        self._check(library.martlet_create(ctypes.byref(options), ctypes.byref(self._session)))
        self._outputs = (_Tensor * max(1, len(self.output_names)))()

    def _check(self, status):
        if status != 0:
            message = self._library.martlet_status_message(status)
            raise ArtefactError(f"status {status}: {(message or b'').decode()}")

    def bind(self, arrays):
        """Keeps the inputs, given by name, for the runs that follow."""
        self._inputs = (_Tensor * max(1, len(self.input_names)))()
        self._kept = []
        for slot, name in zip(self._inputs, self.input_names):
            array = np.require(arrays[name], requirements="C")
            shape = (ctypes.c_int64 * max(1, array.ndim))(*array.shape)
            slot.data, slot.shape = array.ctypes.data, shape
            slot.rank, slot.type = array.ndim, TYPE_NUMBERS[array.dtype]
            self._kept += [array, shape]

    def run(self):
        """One inference on the bound inputs."""
        for slot in self._outputs:
            slot.data = None
        self._check(self._library.martlet_run(self._session, self._inputs, self._outputs))

    def output_shapes(self):
        """The shapes of what the last run computed, in the model's order."""
        return [tuple(slot.shape[:slot.rank]) for slot in self._outputs[:len(self.output_names)]]

    def outputs(self):
        """Copies of what the last run computed, by name."""
        results = {}
        for slot, name in zip(self._outputs, self.output_names):
            shape = [slot.shape[i] for i in range(slot.rank)]
            dtype = np.dtype(NUMPY_TYPES[slot.type])
            count = int(np.prod(shape, dtype=np.int64))
            if count == 0:
                results[name] = np.empty(shape, dtype)
                continue
            raw = ctypes.string_at(slot.data, count * dtype.itemsize)
            results[name] = np.frombuffer(raw, dtype).reshape(shape)
        return results

    def close(self):
        if self._session:
            self._library.martlet_destroy(self._session)
            self._session = ctypes.c_void_p()
