"""Pyroscope's messages as Python classes, compiled from our .proto files by grpcio-tools.

By way of a descriptor set, not of generated modules: one of these would be called `types`, another lie in `google`.
"""

import tempfile
from pathlib import Path

import grpc_tools
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from grpc_tools import protoc

PROTOS = Path(__file__).resolve().parents[2] / "Sources" / "PyroscopeAPI" / "proto"


def _compile():
    files = sorted(str(path.relative_to(PROTOS)) for path in PROTOS.rglob("*.proto"))
    with tempfile.NamedTemporaryFile() as out:
        include = Path(grpc_tools.__file__).parent / "_proto"
        status = protoc.main(["protoc", f"-I{PROTOS}", f"-I{include}", f"--descriptor_set_out={out.name}", *files])
        assert status == 0, "grpcio-tools cannot compile the .proto files"
        found = descriptor_pb2.FileDescriptorSet.FromString(Path(out.name).read_bytes())
    pool = descriptor_pool.DescriptorPool()
    remaining = list(found.file)
    while remaining:  # what is imported first
        names = {file.name for file in remaining}
        for file in [file for file in remaining if not names & set(file.dependency)]:
            pool.Add(file)
            remaining.remove(file)
    return pool


POOL = _compile()
SERVICE = POOL.FindServiceByName("querier.v1.QuerierService")
METHODS = {method.name: method for method in SERVICE.methods}


def request_class(method):
    return message_factory.GetMessageClass(METHODS[method].input_type)


def answer_class(method):
    return message_factory.GetMessageClass(METHODS[method].output_type)


def request(method, fields):
    """A request from a dictionary with names as in the .proto files."""
    return json_format.ParseDict(fields, request_class(method)())
