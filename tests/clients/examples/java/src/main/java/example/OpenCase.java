package example;

import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import com.google.rpc.ErrorInfo;
import throughline.intake.v1.Case.Channel;
import throughline.intake.v1.Commands.OpenCaseRequest;
import throughline.intake.v1.IntakeServiceGrpc;
import throughline.intake.v1.Queries.GetCaseRequest;

/** Opens a case, reads it back, and is refused: OpenCase ADDRESS TOKEN. */
public final class OpenCase {
  public static void main(String[] arguments) throws Exception {
    String address = arguments[0], token = arguments[1];

    // README
    var channel = ManagedChannelBuilder.forTarget(address).usePlaintext().build(); // TLS: without usePlaintext()
    var headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    var intake = IntakeServiceGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    var opened = intake.withDeadlineAfter(10, TimeUnit.SECONDS).openCase(OpenCaseRequest.newBuilder()
        .setCommandId(UUID.randomUUID().toString()).setCustomerId("C-7").setSubject("Where is it?")
        .setText("Promised for Friday").setChannel(Channel.CHANNEL_PHONE).build());
    var read = intake.withDeadlineAfter(10, TimeUnit.SECONDS).getCase(GetCaseRequest.newBuilder()
        .setCaseId(opened.getCaseId()).setConsistencyToken(opened.getConsistencyToken()).build());
    // end

    check(read.getCase().getSubject().equals("Where is it?"), read.toString());
    try {
      intake.getCase(GetCaseRequest.newBuilder().setCaseId("no-such-case").build());
      check(false, "a case that is not there was found");
    } catch (StatusRuntimeException refusal) {
      check(refusal.getStatus().getCode() == Status.Code.NOT_FOUND, refusal.toString());
      var info = StatusProto.fromThrowable(refusal).getDetails(0).unpack(ErrorInfo.class);
      check(info.getReason().equals("CASE_UNKNOWN"), info.toString());
    }
    channel.shutdown().awaitTermination(5, TimeUnit.SECONDS);
    System.out.println("java: opened and read " + opened.getCaseId());
  }

  private static void check(boolean holds, String what) {
    if (!holds) throw new AssertionError(what);
  }
}
