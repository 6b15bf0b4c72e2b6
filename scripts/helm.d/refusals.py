"""Values that the chart must refuse, and what it must say: refusals.py (helm is in PATH)."""

import concurrent.futures
import subprocess
import sys

CHART = "helm/throughline"
# What is set beside ci/minimal-values.yaml, and a part of the message.
REFUSED = [
    ("replicas=3", "additional properties 'replicas' not allowed"),
    ("defaults.replica=3", "additional properties 'replica' not allowed"),
    ("services.shipping.replicas=3", "additional properties 'shipping' not allowed"),
    ("services.intake.settings.handoff-expiry=1h", "additional properties 'handoff-expiry' not allowed"),
    ("defaults.settings.limits.cache=1", "additional properties 'cache' not allowed"),
    ("defaults.settings.host=::", "additional properties 'host' not allowed"),
    ("defaults.replicas=-1", "minimum: got -1, want 0"),
    ("defaults.replicas=two", "at '/defaults/replicas': got string, want integer"),
    ("defaults.settings.limits.cache-mib=1", "minimum: got 1, want 8"),
    ("defaults.settings.limits.deadline=30", "at '/defaults/settings/limits/deadline': got number, want string"),
    ("defaults.settings.log.level=loud", "value must be one of 'debug', 'info', 'warning', 'error'"),
    ("services.ownership.settings.handoff-expiry=soon", "at '/services/ownership/settings/handoff-expiry': 'soon' does not match pattern"),
    ("defaults.storage.size=big", "at '/defaults/storage/size': 'big' does not match pattern"),
    ("image.tag=a b", "at '/image/tag': 'a b' does not match pattern"),
    ("image.pullPolicy=Sometimes", "value must be one of 'Always', 'IfNotPresent', 'Never'"),
    ("kafka.brokers=kafka", "at '/kafka/brokers': 'kafka' does not match pattern"),
    ("kafka.brokers=", "kafka.brokers is not given: name the Kafka cluster"),
    ("kafka.secretFiles[0].secret=a", "missing property 'key'"),
    ("kafka.client.sasl\\.password=geheim", "kafka.client.sasl.password is a secret and does not belong into values"),
    ("kafka.client.sasl\\.username=a,kafka.propertiesSecret=b", "kafka.client and kafka.propertiesSecret are both given"),
    ("kafka.topics.minInsync=4", "kafka.topics.minInsync is more than kafka.topics.replication"),
    ("kafka.topics.partitions=0", "kafka.topics.partitions is 0"),
    ("tokens.existingSecret=", "tokens.existingSecret is not given"),
    ("tls.existingSecret=", "tls has no certificate"),
    ("tls.enabled=false", "tls.enabled is false, but a certificate or a client CA is given"),
    ("tls.certManager.enabled=true", "tls.existingSecret and tls.certManager.enabled are both given"),
    ("tls.existingSecret=,tls.certManager.enabled=true", "tls.certManager.issuerRef.name is not given"),
    ("tests.clientCertSecret=a", "tests.clientCertSecret needs tls.clientCaSecret"),
    ("tls.identitiesSecret=a", "tls.identitiesSecret needs tls.clientCaSecret"),
    ("jwt.keysSecret=a,jwt.issuer=b", "jwt.keysSecret, jwt.issuer and jwt.audience need each other"),
    ("monitoring.tls=true,tls.enabled=false,tls.existingSecret=", "monitoring.tls needs tls.enabled"),
    ("services.intake.settings.reps-read=none", "value must be one of 'all', 'team'"),
    ("edge.enabled=true,tls.clientCaSecret=a", "edge.clientCertSecret is not given: the services ask for client certificates"),
    ("edge.enabled=true,edge.webhooksSecret=a", "edge.webhooksSecret needs edge.tokenSecret"),
    ("edge.settings.webhooks.body-kib=9000", "maximum: got 9,000, want 5,120"),
    ("edge.settings.limits.head-kib=0", "minimum: got 0, want 1"),
    ("edge.settings.address=a:1", "additional properties 'address' not allowed"),
    ("subscribers.signingKeysSecret=a", "subscribers.signingKeysSecret needs subscribers.keySecret"),
    ("services.outage-notice.settings.smtp.url=smtp://m:587", "smtp.url needs subscribers.keySecret"),
    ("subscribers.keySecret=a,services.outage-notice.settings.smtp.url=smtp://m:587", "smtp.url needs smtp.from and subscribers.site"),
    ("subscribers.keySecret=a,services.outage-notice.settings.smtp.user=b", "smtp.user and subscribers.smtpPasswordSecret need each other"),
    ("services.outage-notice.settings.smtp.url=mail", "'mail' does not match pattern"),
    ("services.outage-notice.settings.smtp.password=geheim", "additional properties 'password' not allowed"),
    ("listenAddress=127.0.0.1", "value must be one of '0.0.0.0', '::'"),
    ("networkPolicy.clients[0].ports=80", "additional properties 'ports' not allowed"),
]
SECRET = "geheim"  # a refused value that must not be repeated


def template(values):
    return subprocess.run(
        ["helm", "template", "r", CHART, "-f", f"{CHART}/ci/minimal-values.yaml", "--kube-version", "1.37.0", "--set", values],
        capture_output=True, text=True, check=False)  # fmt: skip


def main():
    wrong = 0
    with concurrent.futures.ThreadPoolExecutor() as pool:
        runs = list(pool.map(lambda refused: template(refused[0]), REFUSED))
    for (values, message), run in zip(REFUSED, runs):
        if run.returncode == 0 or message not in run.stderr or SECRET in run.stderr:
            wrong += 1
            print(f"--set {values}: exit code {run.returncode}, expected: {message}\n{run.stderr}", file=sys.stderr)
    print(f"{len(REFUSED) - wrong} of {len(REFUSED)} wrong values were refused as they should be")
    return 1 if wrong else 0


sys.exit(main())
