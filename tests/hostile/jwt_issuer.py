"""A token issuer by another library, PyJWT: writes a key set and tokens, good ones and forged ones, into a directory.

  jwt_issuer.py DIRECTORY
"""

import base64
import hashlib
import hmac
import json
import pathlib
import sys
import time

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

folder = pathlib.Path(sys.argv[1])
rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ec_key = ec.generate_private_key(ec.SECP256R1())
stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwk(algorithm, key, kid):
    public = json.loads(algorithm.to_jwk(key.public_key()))
    return {**public, "kid": kid, "use": "sig"}


def encoded(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


keys = [jwk(jwt.algorithms.RSAAlgorithm, rsa_key, "rsa-1"), jwk(jwt.algorithms.ECAlgorithm, ec_key, "ec-1")]
(folder / "keys.json").write_text(json.dumps({"keys": keys}))

now = int(time.time())
claims = {
    "iss": "https://issuer.test",
    "aud": "throughline",
    "sub": "pia",
    "roles": ["rep"],
    "team": "care",
    "iat": now,
    "nbf": now - 60,
    "exp": now + 3600,
}
pem = rsa_key.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
# PyJWT refuses to sign with a public key as a secret, so this one is made by hand.
confused = ".".join(encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "kid": "rsa-1"}, claims))
confused += "." + encoded(hmac.new(pem, confused.encode(), hashlib.sha256).digest())


def token(key=rsa_key, algorithm="RS256", kid="rsa-1", **changes):
    return jwt.encode({**claims, **changes}, key, algorithm=algorithm, headers={"kid": kid})


tokens = {
    "OK.rs256": token(),
    "OK.es256": token(ec_key, "ES256", "ec-1"),
    "OK.partner": token(sub="ups-edi", roles=["partner"], party="ups"),
    "TOKEN_EXPIRED.expired": token(exp=now - 60),
    "TOKEN_NOT_YET_VALID.early": token(nbf=now + 600),
    "TOKEN_ISSUER.other-issuer": token(iss="https://other.test"),
    "TOKEN_AUDIENCE.other-audience": token(aud="payroll"),
    "TOKEN_ALGORITHM.none": jwt.encode(claims, None, algorithm="none", headers={"kid": "rsa-1"}),
    "TOKEN_ALGORITHM.public-key-as-secret": confused,
    "TOKEN_ALGORITHM.rs512": token(algorithm="RS512"),
    "TOKEN_SIGNATURE.key-swapped": token(stranger),
    "TOKEN_KEY_UNKNOWN.other-kid": token(stranger, kid="rsa-2"),
    "TOKEN_CLAIMS.no-role": token(roles=[]),
    "TOKEN_TOO_LONG.too-long": token(more="x" * 9000),
}
for name, text in tokens.items():
    (folder / f"{name}.jwt").write_text(text)
