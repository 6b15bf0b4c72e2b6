"""Opens a case, reads it back, and is refused: open_case.py ADDRESS TOKEN. Generated code: see proto/README.md."""

import sys
import uuid

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from throughline.intake.v1.case_pb2 import CHANNEL_PHONE
from throughline.intake.v1.commands_pb2 import OpenCaseRequest
from throughline.intake.v1.intake_service_pb2_grpc import IntakeServiceStub
from throughline.intake.v1.queries_pb2 import GetCaseRequest

address, token = sys.argv[1:]

# README
channel = grpc.insecure_channel(address)  # TLS: grpc.secure_channel(address, grpc.ssl_channel_credentials(ca))
intake = IntakeServiceStub(channel)
caller = [("authorization", f"Bearer {token}")]
opened = intake.OpenCase(OpenCaseRequest(command_id=str(uuid.uuid4()), customer_id="C-7", subject="Where is it?",
                                         text="Promised for Friday", channel=CHANNEL_PHONE), metadata=caller, timeout=10)
read = intake.GetCase(GetCaseRequest(case_id=opened.case_id, consistency_token=opened.consistency_token),
                      metadata=caller, timeout=10)
# end

assert read.case.subject == "Where is it?", read
try:
    intake.GetCase(GetCaseRequest(case_id="no-such-case"), metadata=caller, timeout=10)
    sys.exit("a case that is not there was found")
except grpc.RpcError as refusal:
    assert refusal.code() == grpc.StatusCode.NOT_FOUND, refusal
    info = error_details_pb2.ErrorInfo()
    rpc_status.from_call(refusal).details[0].Unpack(info)
    assert info.reason == "CASE_UNKNOWN", info
print(f"python: opened and read {opened.case_id}")
