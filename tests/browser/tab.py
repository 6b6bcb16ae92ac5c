"""A tab that speaks the contract by a short script: a WebSocket of a browser, without the page."""

from __future__ import annotations

import base64
from typing import Any

from browser.site import Site
from playwright.async_api import BrowserContext, Page
from support import LOBBY, eventually

from chat_grpc.v1 import chat_pb2

SIGN_IN = "/chat_grpc.v1.AccountService/SignIn"
CONNECT = "/chat_grpc.v1.ChatService/Connect"

_POST = """async ([url, body, headers]) => {
    try {
        const answer = await fetch(url, {method: "POST", body: JSON.stringify(body),
            headers: {"content-type": "application/json", ...headers}});
        return [answer.status, await answer.text()];
    } catch (error) { return [0, String(error)]; }
}"""

_OPEN = """url => new Promise(resolve => {
    const socket = new WebSocket(url);
    const chat = window.chat = {socket, received: [], closed: null};
    socket.binaryType = "arraybuffer";
    socket.onopen = () => resolve(true);
    socket.onmessage = message => {
        const bytes = Array.from(new Uint8Array(message.data), c => String.fromCharCode(c));
        chat.received.push(btoa(bytes.join("")));
    };
    socket.onclose = closed => { chat.closed = [closed.code, closed.reason]; resolve(false); };
})"""

_SEND = """data => {
    const open = window.chat.socket.readyState === WebSocket.OPEN;
    if (open) window.chat.socket.send(Uint8Array.from(atob(data), c => c.charCodeAt(0)));
    return open;
}"""


async def post(page: Page, url: str, body: object, **headers: str) -> tuple[int, str]:
    """Call a method by the page's own script; the status is 0 if the browser refuses."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    status, text = await page.evaluate(_POST, [url, body, names])
    return status, text


class Tab:
    """One tab of one user, who resumes and repeats unanswered requests as every client does."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._welcomes: list[chat_pb2.Welcome] = []
        self._log: dict[int, str] = {}
        self._reached = 0
        self._unanswered: dict[str, chat_pb2.ConnectRequest] = {}

    @property
    def streams(self) -> int:
        """The number of streams that were welcomed."""
        return len(self._welcomes)

    async def call(self, path: str, body: object) -> str:
        """Call a method, which must succeed; the session stays in the cookie."""
        status, text = await post(self.page, path, body, x_chat_grpc_session="cookie")
        assert status == 200, text
        return text

    async def connect(self) -> bool:
        """Open a stream that continues the last one; return whether the server welcomes it."""
        await self.read()
        origin: str = await self.page.evaluate("location.origin")
        if not await self.page.evaluate(_OPEN, f"{origin.replace('http', 'ws', 1)}{CONNECT}"):
            return False
        hello = chat_pb2.Hello()
        if self._welcomes:
            last = self._welcomes[-1]
            hello.log_id, hello.incarnation = last.log_id, last.incarnation
            hello.resume_after = self._reached
        requests = [chat_pb2.ConnectRequest(hello=hello), *self._unanswered.values()]
        return all([await self._request(each) for each in requests])

    async def _request(self, request: chat_pb2.ConnectRequest) -> bool:
        data = base64.b64encode(request.SerializeToString()).decode()
        return bool(await self.page.evaluate(_SEND, data))

    async def write(self, text: str, target: chat_pb2.Target = LOBBY) -> None:
        """Send a message, now or when a stream is open again. The text is its request id."""
        send = chat_pb2.Send(target=target, text=text, request_id=text)
        request = self._unanswered[text] = chat_pb2.ConnectRequest(send=send)
        await self._request(request)

    async def read(self) -> None:
        """Take what has arrived."""
        got: list[str] = await self.page.evaluate("window.chat ? chat.received.splice(0) : []")
        for each in got:
            response = chat_pb2.ConnectResponse.FromString(base64.b64decode(each))
            for event in response.events:
                self._take(event)

    def _take(self, event: chat_pb2.Event) -> None:
        """Keep an event. The author's own stream gets `sent` in place of the message."""
        assert not event.HasField("rejected"), event
        if event.HasField("welcome"):
            if not self._welcomes:  # a later stream resumes, also at the start of the log
                self._reached = event.welcome.head_sequence
            self._welcomes.append(event.welcome)
        elif event.HasField("sent"):
            self._log[event.sent.sequence] = event.sent.request_id
            self._unanswered.pop(event.sent.request_id, None)
        elif event.HasField("message"):
            assert event.sequence > self._reached, "an event came again, or too late"
            self._log[event.sequence] = event.message.text
            self._reached = event.sequence

    async def closed(self) -> Any:
        """Return the close code and the reason; None while the stream is open."""
        return await self.page.evaluate("window.chat.closed")

    async def texts(self) -> list[str]:
        """Return the texts of the messages so far, in the order of the log."""
        await self.read()
        return [self._log[sequence] for sequence in sorted(self._log)]

    async def stays_connected(self) -> None:
        """Connect again if the stream has ended."""
        if await self.closed():
            await self.connect()

    async def settled(self) -> bool:
        """Return True once every request is answered; connect again where necessary."""
        await self.stays_connected()
        await self.read()
        return not self._unanswered

    async def shows(self, *texts: str) -> None:
        """Wait until each text has arrived."""

        async def there() -> bool:
            return set(texts) <= set(await self.texts())

        await eventually(there, 20)


async def signed_in(context: BrowserContext, url: str, name: str) -> Tab:
    """Sign in as a guest in a new tab, and open a stream.

    The tab shows a picture: the page would open a stream of its own.
    """
    tab = Tab(await context.new_page())
    await tab.page.goto(f"{url}icon.svg")
    await tab.call(SIGN_IN, {"name": name})
    assert await tab.connect()
    return tab


async def another_tab(context: BrowserContext, site: Site) -> Tab:
    """Open a stream of the signed-in user in one more tab; see `signed_in`."""
    tab = Tab(await context.new_page())
    await tab.page.goto(f"{site.url}icon.svg")
    assert await tab.connect()
    return tab
