import dev.restate.sdk.ObjectContext;
import dev.restate.sdk.annotation.Handler;
import dev.restate.sdk.annotation.VirtualObject;
import dev.restate.sdk.common.StateKey;
import dev.restate.sdk.common.TerminalException;
import dev.restate.sdk.endpoint.Endpoint;
import dev.restate.sdk.http.vertx.RestateHttpServer;
import java.util.Map;

/**
 * A durable handler of Restate: opens a case under a new key, which keeps the request as its state.
 *
 * <pre>java Cases PORT</pre>
 */
@VirtualObject
public class Cases {
  private static final StateKey<Map> CASE = StateKey.of("case", Map.class);

  @Handler
  public String open(ObjectContext context, Map<String, String> request) {
    if (context.get(CASE).isPresent()) {
      throw new TerminalException("this case exists");
    }
    context.set(CASE, request);
    return context.key();
  }

  public static void main(String[] arguments) {
    RestateHttpServer.listen(Endpoint.bind(new Cases()), Integer.parseInt(arguments[0]));
  }
}
