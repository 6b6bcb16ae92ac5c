// The usual chat server of Socket.IO: each client joins a room, and a message is broadcast to it.
// Run: node server.js PORT. Only WebSockets, no compression. It stores nothing.

const { createServer } = require("node:http");
const { Server } = require("socket.io");

const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false });

io.on("connection", (socket) => {
  socket.join("room");
  socket.join(socket.handshake.auth.user);
  socket.on("say", (text) => io.to("room").emit("m", text));
  socket.on("tell", (user, text) => io.to(user).emit("m", text));
});

http.listen(Number(process.argv[2]), "127.0.0.1", 1024);
