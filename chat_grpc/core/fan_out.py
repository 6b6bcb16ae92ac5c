"""One batch of the log on its way to the streams."""

from __future__ import annotations

from chat_grpc.core.stream import Stream


class FanOut:
    """The lobby's events of one batch, and the streams that get more, or less, than those."""

    __slots__ = ("_done", "frames", "own", "sequences")

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.sequences: list[int] = []
        """The sequence of each of `frames`."""
        self.own: dict[Stream, list[tuple[bytes, int]]] = {}
        """For each such stream its parts, with the sequence of the first event in each."""
        self._done: dict[Stream, int] = {}

    def add(self, stream: Stream, frames: bytes, first: int) -> None:
        """Adds a part that only this stream gets, behind the lobby's events so far."""
        self._own(stream).append((frames, first))

    def leave_out(self, stream: Stream) -> None:
        """Says that the stream does not get the lobby's next event."""
        self._own(stream)
        self._done[stream] = len(self.frames) + 1

    def _own(self, stream: Stream) -> list[tuple[bytes, int]]:
        """Gives the stream's parts, brought up to the lobby's events so far."""
        parts = self.own.get(stream)
        if parts is None:
            parts = self.own[stream] = []
        done, count = self._done.get(stream, 0), len(self.frames)
        if done < count:
            new = self.frames[done] if done + 1 == count else b"".join(self.frames[done:])
            parts.append((new, self.sequences[done]))
            self._done[stream] = count
        return parts

    def parts_of(self, stream: Stream) -> list[tuple[bytes, int]]:
        """Gives all parts of a stream, in order."""
        return self._own(stream)
