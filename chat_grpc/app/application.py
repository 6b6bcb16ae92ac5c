"""The application: builds the handlers and the method table of one node."""

from __future__ import annotations

from collections.abc import Callable, Collection

from chat_grpc import __version__
from chat_grpc.app.account import AccountMethods
from chat_grpc.app.account_changes import AccountChanges
from chat_grpc.app.account_eraser import AccountEraser
from chat_grpc.app.account_settings import AccountSettings
from chat_grpc.app.admin import AdminMethods
from chat_grpc.app.audit import Audit
from chat_grpc.app.backups import Backups
from chat_grpc.app.blocks import BlockMethods
from chat_grpc.app.browser_sign_ins import BrowserSignIns
from chat_grpc.app.chat import ChatMethods
from chat_grpc.app.connect import Connect, StreamSettings
from chat_grpc.app.device_sign_ins import DeviceSignIns
from chat_grpc.app.dispatch import Dispatcher
from chat_grpc.app.drain import Drain
from chat_grpc.app.export import ExportMethods
from chat_grpc.app.first_requests import FirstRequests
from chat_grpc.app.health import Health
from chat_grpc.app.history import HistoryMethods
from chat_grpc.app.identity import Identity
from chat_grpc.app.issuer import Issuer
from chat_grpc.app.issuer_users import IssuerUsers
from chat_grpc.app.local_access import LocalAccess
from chat_grpc.app.methods import SERVICES, STANDARD, Access, Method, MethodTable
from chat_grpc.app.moderation import ModerationMethods
from chat_grpc.app.operations import Node, OperationMethods
from chat_grpc.app.passwords import Passwords
from chat_grpc.app.reflection import Reflection
from chat_grpc.app.room_eraser import RoomEraser
from chat_grpc.app.rooms import RoomMethods
from chat_grpc.app.server_status import ServerStatus
from chat_grpc.app.side_streams import SideStreams
from chat_grpc.app.throttle import Throttle
from chat_grpc.core.hub import Hub
from chat_grpc.core.mentions import Mentions
from chat_grpc.core.networks import Networks
from chat_grpc.journal import Journal


class Application:
    """Everything between the transports and the core. Belongs to the event loop."""

    def __init__(
        self,
        hub: Hub,
        journal: Journal,
        mentions: Mentions,
        settings: StreamSettings,
        *,
        first_request: float,
        accounts: AccountSettings,
        node: Node,
        proxies: Networks | None = None,
        issuer: Issuer | None = None,
        pages: Callable[[], Collection[str]] = frozenset,
    ) -> None:
        """`first_request` is the time limit for the first request of a call, in seconds.

        `node` is the server around it. `proxies` are the networks whose `x-forwarded-for` is
        believed; by default none. `issuer` is the OpenID Connect issuer whose users may sign in,
        and `pages` returns the addresses to which it may send a browser back.
        """
        identity = Identity(hub, journal, guests=accounts.guests)
        first_requests = FirstRequests(first_request, hub.quotas)
        self.connect = Connect(hub, journal, identity, mentions, first_requests, settings)
        """The open streams: heartbeats, and the end of all of them."""
        self.drain = Drain(hub, self.connect, node)
        """Ends the open streams in order."""
        side_streams = SideStreams(hub.quotas)
        self.health = Health(first_requests, side_streams)
        """The health of the services."""
        self.eraser = RoomEraser(hub, journal)
        """Erases the messages of deleted rooms; to be started and stopped with the server."""
        self.passwords = Passwords(hub.quotas)
        """Hashes passwords; to be closed with the server."""
        self.backups = Backups(journal)
        """Sends copies of the store."""
        changes = AccountChanges(hub, journal, self.passwords)
        self.account_eraser = AccountEraser(hub, journal, changes, self.eraser)
        """Erases deleted accounts; to be started and stopped with the server."""
        throttle = Throttle(hub.clock.monotonic)
        issuer_users = IssuerUsers(hub, changes, throttle, accounts, issuer)
        methods = MethodTable(
            method_rows(
                self.connect,
                ChatMethods(hub, journal, identity, mentions, settings.node),
                HistoryMethods(hub, journal.history, identity),
                RoomMethods(hub, journal, identity, self.eraser),
                BlockMethods(hub, journal, identity, changes),
                AccountMethods(
                    hub,
                    journal,
                    identity,
                    changes,
                    throttle,
                    accounts,
                    self.account_eraser,
                    issuer_users,
                ),
                DeviceSignIns(hub.clock.monotonic, issuer_users),
                BrowserSignIns(hub.clock.monotonic, issuer_users, pages),
                ExportMethods(hub, journal),
                AdminMethods(hub, journal, changes),
                ModerationMethods(hub, journal, identity, changes),
                OperationMethods(hub, journal, node, settings.node),
                self.backups,
                self.health,
                Reflection(
                    first_requests, side_streams, [s.full_name for s in (*SERVICES, *STANDARD)]
                ),
                guests=accounts.guests,
            )
        )
        self.dispatcher = Dispatcher(
            methods, identity, first_requests, hub.quotas, changes.record, hub.activity, proxies
        )
        """Serves the calls of every transport."""
        self.local_dispatcher = Dispatcher(
            methods,
            LocalAccess(identity),
            first_requests,
            hub.quotas,
            changes.record,
            hub.activity,
        )
        """Serves the calls of the operator on this machine, who is an admin."""
        self._identity = identity
        self._hub = hub
        self._journal = journal
        self._node = settings.node
        self._silent_calls = first_requests
        self._start_time = hub.clock.nanoseconds()

    def release_refusals(self) -> None:
        """Answer the calls that are held back, because the server ends."""
        for dispatcher in (self.dispatcher, self.local_dispatcher):
            dispatcher.late_refusals.release()

    def status(self) -> ServerStatus:
        """Return the state of the node."""
        hub = self._hub
        deliveries = [stream.delivery for stream in hub.streams]
        sizes = [delivery.size for delivery in deliveries]
        running, waiting = self._journal.history.search_load
        return ServerStatus(
            version=__version__,
            node=self._node,
            start_time=self._start_time,
            log_id=self._journal.log_id,
            head_sequence=hub.head,
            oldest_sequence=self._journal.oldest,
            client_count=hub.clients.connected_count,
            stream_count=len(hub.streams),
            lagging_users=tuple(s.user.name for s in hub.catch_up.streams),
            silent_call_count=len(self._silent_calls),
            queued_bytes=sum(sizes),
            longest_queue_bytes=max(sizes, default=0),
            feed_bytes=hub.feed.size,
            scheduled_stream_count=sum(delivery.scheduled for delivery in deliveries),
            held_names=frozenset(hub.clients.held_names()),
            unannounced_count=hub.presence.unannounced,
            indexed_sequence=self._journal.history.indexed_sequence,
            running_search_count=running,
            waiting_search_count=waiting,
            draining=hub.draining,
            backing_up=self.backups.running,
            erasing_rooms=self.eraser.active,
            erasing_accounts=self.account_eraser.active,
            refused_admin_calls=self._identity.refused_admin_calls,
            refusals=dict(hub.quotas.refusals),
        )


def method_rows(
    connect: Connect,
    chat: ChatMethods,
    history: HistoryMethods,
    rooms: RoomMethods,
    blocks: BlockMethods,
    account: AccountMethods,
    devices: DeviceSignIns,
    browsers: BrowserSignIns,
    export: ExportMethods,
    admin: AdminMethods,
    moderation: ModerationMethods,
    operations: OperationMethods,
    backups: Backups,
    health: Health,
    reflection: Reflection,
    *,
    guests: bool,
) -> list[Method]:
    """Return the method table: every method of the contract, its policy and its handler.

    `guests` is whether the server admits guests.
    """
    listing = Access.OPTIONAL if guests else Access.SIGNED_IN
    return [
        Method("ChatService.Connect", Access.OPTIONAL, stream=connect.serve),
        Method("ChatService.ListClients", listing, chat.list_clients),
        Method("ChatService.SendTo", Access.SIGNED_IN, chat.send_to),
        Method("ChatService.ListMessages", Access.SIGNED_IN, history.list_messages),
        Method("ChatService.SearchMessages", Access.SIGNED_IN, history.search_messages),
        Method("ChatService.ListConversations", Access.SIGNED_IN, history.list_conversations),
        Method("ChatService.ListRooms", Access.SIGNED_IN, rooms.list_rooms),
        Method("ChatService.CreateRoom", Access.SIGNED_IN, rooms.create),
        Method("ChatService.JoinRoom", Access.SIGNED_IN, rooms.join),
        Method("ChatService.LeaveRoom", Access.SIGNED_IN, rooms.leave),
        Method("ChatService.InviteToRoom", Access.SIGNED_IN, rooms.invite),
        Method("ChatService.UpdateRoom", Access.SIGNED_IN, rooms.update),
        Method("ChatService.DeleteRoom", Access.SIGNED_IN, rooms.delete),
        Method("ChatService.ListRoomMembers", Access.SIGNED_IN, rooms.list_members),
        Method("ChatService.SetRoomRole", Access.SIGNED_IN, rooms.set_role),
        Method("ChatService.BlockUser", Access.SIGNED_IN, blocks.block),
        Method("ChatService.UnblockUser", Access.SIGNED_IN, blocks.unblock),
        Method("ChatService.ListBlocked", Access.SIGNED_IN, blocks.list_blocked),
        Method("AccountService.Register", Access.OPTIONAL, account.register),
        Method("AccountService.SignIn", Access.ANYONE, account.sign_in),
        Method("AccountService.GetSignInOptions", Access.ANYONE, account.get_sign_in_options),
        Method("AccountService.StartDeviceSignIn", Access.ANYONE, devices.start),
        Method("AccountService.PollDeviceSignIn", Access.ANYONE, devices.poll),
        Method("AccountService.StartBrowserSignIn", Access.ANYONE, browsers.start),
        Method("AccountService.FinishBrowserSignIn", Access.ANYONE, browsers.finish),
        Method("AccountService.SignOut", Access.SIGNED_IN, account.sign_out),
        Method("AccountService.ChangePassword", Access.ACCOUNT, account.change_password),
        Method("AccountService.CreateBotToken", Access.ACCOUNT, account.create_bot_token),
        Method("AccountService.ListTokens", Access.SIGNED_IN, account.list_tokens),
        Method("AccountService.RevokeToken", Access.SIGNED_IN, account.revoke_token),
        Method("AccountService.DeleteAccount", Access.OWN_DATA, account.delete_account),
        Method("AccountService.ExportData", Access.OWN_DATA, server_stream=export.export_data),
        Method("AdminService.Kick", Access.ADMIN, moderation.kick, audit=Audit(("user",))),
        Method(
            "AdminService.Ban",
            Access.ADMIN,
            moderation.ban,
            audit=Audit(("user", "network"), ("duration",)),
        ),
        Method("AdminService.Unban", Access.ADMIN, moderation.unban, audit=Audit(("ban_id",))),
        Method("AdminService.ListBans", Access.ADMIN, moderation.list_bans),
        Method(
            "AdminService.Mute",
            Access.MODERATOR,
            moderation.mute,
            audit=Audit(("user",), ("room", "duration")),
        ),
        Method("AdminService.ListMutes", Access.MODERATOR, moderation.list_mutes),
        Method("AdminService.ListAuditEvents", Access.ADMIN, admin.list_audit_events),
        Method(
            "AdminService.CreateUser",
            Access.ADMIN,
            admin.create_user,
            audit=Audit(("name",), ("admin",)),
        ),
        Method("AdminService.ListUsers", Access.ADMIN, admin.list_users),
        Method("AdminService.RemoveUser", Access.ADMIN, admin.remove_user, audit=Audit(("name",))),
        Method(
            "AdminService.SetUserPassword",
            Access.ADMIN,
            admin.set_user_password,
            audit=Audit(("name",)),
        ),
        Method(
            "AdminService.SetUserAdmin",
            Access.ADMIN,
            admin.set_user_admin,
            audit=Audit(("name",), ("admin",)),
        ),
        Method(
            "AdminService.CreateInvite",
            Access.ADMIN,
            admin.create_invite,
            audit=Audit(detail=("uses", "lifetime")),
        ),
        Method("AdminService.ListInvites", Access.ADMIN, admin.list_invites),
        Method(
            "AdminService.RevokeInvite",
            Access.ADMIN,
            admin.revoke_invite,
            audit=Audit(("invite_id",)),
        ),
        Method("AdminService.GetServerStatus", Access.ADMIN, operations.status),
        Method("AdminService.ListStreams", Access.ADMIN, operations.list_streams),
        Method("AdminService.ExplainMessage", Access.ADMIN, operations.explain),
        Method(
            "AdminService.Drain",
            Access.ADMIN,
            operations.drain,
            audit=Audit(detail=("duration",), at_once=True),
        ),
        Method(
            "AdminService.Backup",
            Access.ADMIN,
            server_stream=backups.backup,
            audit=Audit(at_once=True),
        ),
        Method("Health.Check", Access.ANYONE, health.check),
        Method("Health.Watch", Access.ANYONE, stream=health.watch),
        Method("ServerReflection.ServerReflectionInfo", Access.ANYONE, stream=reflection.serve),
    ]
