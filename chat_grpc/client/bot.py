"""A bot in one file: decorated functions that answer messages.

    bot = Bot("localhost:50051", name="echo")

    @bot.on_mention
    async def answer(message: Message) -> str:
        return f"You said: {message.arguments}"

    bot.run()

`docs/sdk.md` builds one from nothing.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Unpack

from chat_grpc.client.bot_handlers import Handler, Registering, StartHandler
from chat_grpc.client.bot_message import Message
from chat_grpc.client.client import ChatClient
from chat_grpc.client.errors import ChatError, Refused
from chat_grpc.client.loop_thread import LoopThread
from chat_grpc.client.options import Options
from chat_grpc.client.state import ConnectionState
from chat_grpc.spelling.addresses import DEFAULT_SERVER, InvalidAddress
from chat_grpc.v1 import chat_pb2

__all__ = ["Bot", "Handler", "Message", "StartHandler"]

_LOG = logging.getLogger("chat_grpc.bot")

MOST_AT_ONCE = 32
"""Maximum number of messages that are handled at the same time; the next one waits."""

END_WITHIN = 5.0
"""Seconds that handlers have to end after `stop`; then they are cancelled."""

_GAPS = {
    chat_pb2.RECOVERY_TRUNCATED: "messages are missing: the server no longer keeps them",
    chat_pb2.RECOVERY_OTHER_LOG: "messages are missing: the server has another log",
}


class Bot(Registering):
    """A client that calls registered functions with the messages of others.

    - Messages are handled at the same time, up to `MOST_AT_ONCE`, so a slow handler delays no
      other message; the handlers of one message are called one after the other.
    - An error in a handler is logged, and the bot goes on.
    - The next start resumes: it handles the messages that came meanwhile, and again those whose
      handlers had not returned. `Message.reply` is stored once all the same.
    - It reconnects like `ChatClient`.
    """

    def __init__(
        self, server: str = DEFAULT_SERVER, *, prefix: str = "!", **options: Unpack[Options]
    ) -> None:
        """`prefix` starts a command. `options` are those of `ChatClient`.

        `resume_file` is `NAME.resume.json` in the working folder by default; None keeps nothing.
        """
        super().__init__(prefix)
        self._server = server
        self._options = options
        if options.get("name"):
            self._options.setdefault("resume_file", f"{options['name']}.resume.json")
        self._options.setdefault("on_state", self._show_state)
        self._stopping: asyncio.Event | None = None
        """Set by `stop`; None while the bot does not run."""
        self._running: set[asyncio.Task[None]] = set()
        self._threads: ThreadPoolExecutor | None = None
        """For handlers that are plain functions: not the loop's own threads, which write the resume
        file."""
        self._chat: ChatClient | None = None
        self._lost = False

    @property
    def chat(self) -> ChatClient:
        """The client of the running bot. Raises `RuntimeError` if the bot does not run."""
        if self._chat is None:
            raise RuntimeError("The bot is not connected: it has a client while `run` runs.")
        return self._chat

    # ------------------------------------------------------------ running

    def run(self) -> None:
        """Run until SIGINT, SIGTERM or `stop`; a second signal cancels handlers that still run.

        Logs to standard error, unless the program has set up `logging`. If the bot cannot connect,
        or is refused, it exits with status 1 and one sentence.
        """
        logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
        try:
            asyncio.run(self._run_until_signal())
        except (ChatError, InvalidAddress) as error:
            replaced = isinstance(error, Refused) and error.reason == "REPLACED"
            hint = " Another copy of the bot has the same resume file." if replaced else ""
            sys.exit(f"The bot stops: {error}{hint}")

    def stop(self) -> None:
        """Let `run` and `serve` end once the handlers have returned, after `END_WITHIN` at most.

        Call it on the bot's event loop, for example in a handler. No effect if it does not run.
        """
        if self._stopping is not None:
            self._stopping.set()

    async def serve(self) -> None:
        """Connect, and handle messages until `stop`; for programs with an event loop of their own.

        Raises `NoServer`, `Unreachable` or `Refused`, as `ChatClient`.
        """
        await self._serve(self._server, self._options)

    @contextmanager
    def running(self, server: str | None = None, **options: Unpack[Options]) -> Iterator[None]:
        """Run the bot in a thread of its own, connected, until the end of the block; for tests.

        `server` and `options` replace those of the bot. Raises what connecting raises.
        """
        merged: Options = {**self._options, **options}
        thread = LoopThread(lambda: self._started(server or self._server, merged))
        try:
            yield
        finally:
            thread.stop()

    @asynccontextmanager
    async def _started(self, server: str, options: Options) -> AsyncGenerator[None, None]:
        started = asyncio.Event()
        serving = asyncio.create_task(self._serve(server, options, started), name="chat-bot")
        waiting = asyncio.create_task(started.wait())
        try:
            await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                serving.result()
            yield
        finally:
            waiting.cancel()
            if started.is_set():
                self.stop()
            else:
                serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving

    async def _serve(
        self, server: str, options: Options, started: asyncio.Event | None = None
    ) -> None:
        """Serve as `serve` does; set `started` after the handlers of `on_start`."""
        if self._chat is not None:
            raise RuntimeError("The bot runs already.")
        self._stopping = stopping = asyncio.Event()
        async with ChatClient.connect(server, **options) as chat:
            self._chat = chat
            self._threads = ThreadPoolExecutor(MOST_AT_ONCE, "chat-bot")
            try:
                _LOG.info("%s is number %d on %s", chat.me.name, chat.me.number, server)
                for start in self._handlers.start:
                    await start(chat)
                if started is not None:
                    started.set()
                await self._handle_until(stopping, chat)
                if options.get("resume_file"):
                    await chat.save()  # the last message is finished, too, unless it is held
            finally:
                self._chat = self._stopping = None
                self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run_until_signal(self) -> None:
        loop = asyncio.get_running_loop()
        serving = asyncio.create_task(self.serve(), name="chat-bot")

        def signalled() -> None:
            if self._stopping is None or self._stopping.is_set() or self._chat is None:
                serving.cancel()
            self.stop()

        for each in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):  # Windows: Ctrl-C raises KeyboardInterrupt
                loop.add_signal_handler(each, signalled)
        with suppress(asyncio.CancelledError):
            await serving

    async def _handle_until(self, asked: asyncio.Event, chat: ChatClient) -> None:
        reading = asyncio.create_task(self._read(chat), name="chat-bot-reader")
        stopping = asyncio.create_task(asked.wait(), name="chat-bot-stopping")
        try:
            await asyncio.wait({reading, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                reading.result()  # raises what ended the stream
            reading.cancel()
            await asyncio.wait({reading})
            if self._running:
                _LOG.info("stopping: %d messages are being handled", len(self._running))
                await asyncio.wait(self._running, timeout=END_WITHIN)
        finally:
            left = [reading, stopping, *self._running]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    def _show_state(self, state: ConnectionState) -> None:
        if state is ConnectionState.WAITING and not self._lost:
            self._lost = True
            _LOG.warning("there is no connection to the server; trying again")
        elif state is ConnectionState.LIVE and self._lost:
            self._lost = False
            _LOG.info("connected")

    # ------------------------------------------------------------ messages

    async def _read(self, chat: ChatClient) -> None:
        slots = asyncio.Semaphore(MOST_AT_ONCE)
        async for event in chat:
            kind = event.WhichOneof("event")
            if kind == "welcome" and event.welcome.recovery in _GAPS:
                _LOG.warning("%s", _GAPS[event.welcome.recovery])
            if kind != "message" or event.message.author.number == chat.me.number:
                continue
            message = Message(chat, event)
            handlers = self._handlers.of(message)
            if not handlers:
                continue
            finished = chat.hold()
            await slots.acquire()
            task = asyncio.create_task(self._handle(message, handlers, finished))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            task.add_done_callback(lambda _: slots.release())

    async def _handle(
        self, message: Message, handlers: list[Handler], finished: Callable[[], None]
    ) -> None:
        for handler in handlers:
            try:
                answer = await self._called(handler, message)
                if answer is not None:
                    await message.reply(answer)
            except ChatError as error:
                _LOG.error("%s failed for message %d: %s", _name(handler), message.sequence, error)
            except Exception:
                _LOG.exception("%s failed for message %d", _name(handler), message.sequence)
        finished()

    async def _called(self, handler: Handler, message: Message) -> str | None:
        """Call a handler; return its answer. A plain function runs in a thread."""
        if inspect.iscoroutinefunction(handler):
            answer = await handler(message)
        else:
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._threads, handler, message)
            if inspect.isawaitable(answer):  # such as a partial of a coroutine function
                answer = await answer
        if answer is not None and not isinstance(answer, str):
            raise TypeError(f"The handler returned {answer!r}; return a str or None.")
        return answer


def _name(handler: Handler) -> str:
    return getattr(handler, "__qualname__", repr(handler))
