"""Over TLS nothing is said to a platform whose certificate does not prove that it is the one."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from api_client.auth import MemoryTokens, Tokens
from api_client.client import PlatformClient
from api_client.errors import Unreachable
from api_client.realtime import Phase, Realtime, SocketState

CANARY = "canary-token-7f3a"
_BODY = b'{"data":{"name":"x","version":"1","limits":{}}}'
REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(_BODY), _BODY)
NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


class Authority:
    """A certificate authority that lives for one test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Parlour test authority")])
        self.file = folder / "authority.pem"
        made = self._builder(self.name, self.key, NOW + DAY).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
        self.file.write_bytes(made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def _builder(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        ends: datetime.datetime,
        issuer: x509.Name | None = None,
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer or self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - 10 * DAY)
            .not_valid_after(ends)
        )

    def server(self, address: str, *, ends: datetime.datetime = NOW + DAY, trusted: bool = True) -> ssl.SSLContext:
        """Return what a server needs to show a certificate for `address`, signed by this authority or by nobody."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a platform")])
        builder = self._builder(subject, key, ends, None if trusted else subject)
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False
        ).add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        certificate = builder.sign(self.key if trusted else key, hashes.SHA256())
        file = self.folder / "server.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


@asynccontextmanager
async def listening(context: ssl.SSLContext) -> AsyncIterator[tuple[str, bytearray]]:
    """Serve one reply to whoever gets through the handshake; give the address and what was heard."""
    heard = bytearray()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.read(4096))
        writer.write(REPLY)
        await writer.drain()
        writer.close()

    # A handshake that the client breaks off is what these tests are about, and no news for the log.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", heard


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    return made


def unproven(authority: Authority, fault: str) -> ssl.SSLContext:
    if fault == "self-signed":
        return authority.server("127.0.0.1", trusted=False)
    if fault == "expired":
        return authority.server("127.0.0.1", ends=NOW - DAY)
    return authority.server("127.0.0.2")


async def test_a_platform_with_a_certificate_of_its_own_name_is_talked_to(authority: Authority) -> None:
    async with listening(authority.server("127.0.0.1")) as (url, heard):
        async with PlatformClient(url, tokens=MemoryTokens(Tokens(access=CANARY))) as client:
            await client.platform.info()
        assert b"GET /api/v1/meta" in heard


@pytest.mark.parametrize("fault", ["self-signed", "expired", "another host's"])
async def test_not_a_byte_is_said_to_a_platform_that_cannot_prove_itself(authority: Authority, fault: str) -> None:
    async with listening(unproven(authority, fault)) as (url, heard):
        async with PlatformClient(url, tokens=MemoryTokens(Tokens(access=CANARY))) as client:
            with pytest.raises(Unreachable, match="is not to be trusted") as refusal:
                await client.accounts.me()
        assert "Nothing was sent" in refusal.value.sentence
        assert not refusal.value.may_have_happened
        assert bytes(heard) == b""


@pytest.mark.parametrize("fault", ["self-signed", "expired", "another host's"])
async def test_the_live_connection_is_as_careful(authority: Authority, fault: str) -> None:
    async with listening(unproven(authority, fault)) as (url, heard):
        waiting = asyncio.Event()

        def follow(state: SocketState) -> None:
            if state.phase is Phase.WAITING:
                waiting.set()

        async def gap() -> None:
            raise AssertionError("it never was online")

        async with PlatformClient(url, tokens=MemoryTokens(Tokens(access=CANARY))) as client:
            realtime = Realtime(client, on_event=lambda _: None, on_gap=gap, on_state=follow)
            realtime.start()
            async with asyncio.timeout(30):
                await waiting.wait()
            await realtime.stop()
        assert bytes(heard) == b""


async def test_a_port_that_does_not_speak_tls_is_told_apart(authority: Authority) -> None:
    async def mumble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(64)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(mumble, "127.0.0.1", 0)
    async with server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with PlatformClient(url, tokens=MemoryTokens(Tokens(access=CANARY))) as client:
            with pytest.raises(Unreachable, match="Is it http, not https"):
                await client.accounts.me()
