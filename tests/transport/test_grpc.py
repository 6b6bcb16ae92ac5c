"""The framing of gRPC: messages, timeouts, metadata, statuses."""

from __future__ import annotations

import base64
from urllib.parse import unquote_to_bytes

import pytest
from google.protobuf import any_pb2
from google.rpc import code_pb2, status_pb2
from hpack import Decoder
from hypothesis import given
from hypothesis import strategies as st

from chat_grpc.transport.http2 import grpc
from chat_grpc.transport.http2.grpc import CallError, MessageReader


def framed(*messages: bytes) -> bytes:
    """Return messages with their prefixes."""
    return b"".join(grpc.prefix(len(message)) + message for message in messages)


def decoded(block: bytes) -> dict[str, str]:
    """Decode a header block with the library."""
    return {str(name): str(value) for name, value in Decoder().decode(block)}


@given(st.lists(st.binary(max_size=50), max_size=8), st.integers(1, 20))
def test_messages_come_out_as_they_went_in(messages: list[bytes], size: int) -> None:
    """However the bytes are cut; nothing is left over."""
    reader, data = MessageReader(50), framed(*messages)
    found = [m for at in range(0, len(data), size) for m in reader.feed(data[at : at + size])]
    assert found == messages
    assert not reader.partial


def test_a_message_that_is_too_large_or_compressed_is_refused() -> None:
    """The size is known from the prefix, before the message is there."""
    refused = {grpc.prefix(11): code_pb2.RESOURCE_EXHAUSTED, b"\x01\0\0\0\x01x": code_pb2.INTERNAL}
    for data, code in refused.items():
        reader = MessageReader(10)
        assert reader.feed(framed(b"before") + data + framed(b"behind")) == [b"before"]
        assert reader.failure is not None
        assert reader.failure.status.code == code
        assert reader.feed(framed(b"behind")) == []


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(b"5S", 5.0), (b"2H", 7200.0), (b"3M", 180.0), (b"250m", 0.25), (b"10u", 1e-5), (b"7n", 7e-9)],
)
def test_timeouts(value: bytes, seconds: float) -> None:
    """Each unit has its length."""
    assert grpc.timeout_of([(b"grpc-timeout", value)]) == pytest.approx(seconds)


@pytest.mark.parametrize("value", [b"", b"5", b"S", b"123456789S", b"-1S", b"1s", b"1.5S"])
def test_malformed_timeouts_are_refused(value: bytes) -> None:
    """At most eight digits and one unit."""
    with pytest.raises(CallError):
        grpc.timeout_of([(b"grpc-timeout", value)])


@pytest.mark.parametrize(
    "value",
    [b"application/grpc", b"application/grpc+proto", b"Application/gRPC;charset=utf-8"],
)
def test_content_types_of_protocol_buffers_are_accepted(value: bytes) -> None:
    """With and without the suffix, and with parameters."""
    assert grpc.is_grpc([(b"te", b"trailers"), (b"content-type", value)])


@pytest.mark.parametrize(
    "value",
    [b"application/grpc+json", b"application/grpc-web+proto", b"application/grpcx", b"text/plain"],
)
def test_other_content_types_are_refused(value: bytes) -> None:
    """Their messages would be misread."""
    assert not grpc.is_grpc([(b"content-type", value)])
    assert not grpc.is_grpc([])


def test_only_identity_is_accepted() -> None:
    """Another encoding is UNIMPLEMENTED."""
    grpc.check_encoding([(b"grpc-encoding", b"identity")])
    with pytest.raises(CallError) as refused:
        grpc.check_encoding([(b"grpc-encoding", b"gzip")])
    assert refused.value.status.code == code_pb2.UNIMPLEMENTED


@given(st.binary(max_size=40), st.booleans())
def test_binary_metadata(value: bytes, padded: bool) -> None:
    """Base64 with and without padding comes in; it goes out without."""
    encoded = base64.b64encode(value)
    sent = encoded if padded else encoded.rstrip(b"=")
    assert grpc.metadata_of([(b"key-bin", sent)]) == [("key-bin", value)]
    assert decoded(grpc.encode_metadata([("key-bin", value)])) == {
        "key-bin": encoded.rstrip(b"=").decode()
    }


def test_own_headers_are_no_metadata() -> None:
    """Pseudo-headers and the headers of the protocol are left out; the rest stays in order."""
    headers = [(b":path", b"/x"), (b"te", b"trailers"), (b"a", b"1"), (b"a", b"2")]
    assert grpc.metadata_of(headers) == [("a", "1"), ("a", "2")]


@given(st.text(max_size=60))
def test_messages_of_a_status_are_percent_encoded(message: str) -> None:
    """Only printable ASCII goes out, and what comes out is what went in."""
    encoded = grpc.percent_encoded(message)
    assert all(0x20 <= byte <= 0x7E for byte in encoded)
    assert unquote_to_bytes(encoded) == message.encode()


def test_a_status_carries_its_details() -> None:
    """Trailers have code, message, and the whole status in binary."""
    status = status_pb2.Status(code=5, message="no ä", details=[any_pb2.Any(type_url="t")])
    trailers = decoded(grpc.encode_status(status))
    assert (trailers["grpc-status"], trailers["grpc-message"]) == ("5", "no %C3%A4")
    details = trailers["grpc-status-details-bin"]
    assert status_pb2.Status.FromString(base64.b64decode(details + "===")) == status
    assert decoded(grpc.encode_status(None)) == {"grpc-status": "0"}
