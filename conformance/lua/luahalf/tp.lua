-- Conversations in lines.

local t, s = ...
local tp = require("socket.tp")
local ltn12 = require("ltn12")

local function connected(...)
  local server = s.talker(...)
  return t.ok(tp.connect("127.0.0.1", server.port, 10)), server
end

t.case("replies of one line and of more", function()
  local talk = connected("220 ready", "250-one\n250-two\n250 three", "250-a\n 250 not yet\n251 nor this\n250 b")
  t.gives(220, "220 ready")(talk:check("2.."))
  t.ok(talk:command("noop"))
  t.gives(250, "250-one\n250-two\n250 three")(talk:check("2.."))
  t.ok(talk:command("noop"))
  t.gives(250, "250-a\n 250 not yet\n251 nor this\n250 b")(talk:check("2.."))
  t.equal(talk:close(), 1)
end)

t.case("commands are written in capitals, arguments as they are", function()
  local talk, server = connected("220 ready", "250", "250")
  talk:check("2..")
  t.ok(talk:command("noop"))
  talk:check("2..")
  t.ok(talk:command("MAIL", "From:<a@b>"))
  talk:check("2..")
  talk:close()
  t.equal(server:all(), "NOOP|MAIL From:<a@b>")
end)

t.case("what check expects", function()
  local replies = {}
  for i = 1, 8 do replies[i] = "250 fine" end
  local talk = connected((unpack or table.unpack)(replies))
  t.gives(250, "250 fine")(talk:check({ "3..", "2.." }))
  for _, expected in ipairs({ "3..", "251" }) do
    talk:command("noop")
    t.gives(nil, "250 fine")(talk:check(expected))
  end
  talk:command("noop")
  t.gives(nil, "250 fine")(talk:check({ "1..", "3.." }))
  talk:command("noop")
  t.gives(250, "250 fine")(talk:check(250))
  talk:command("noop")
  t.gives("x", 250, "250 fine")(talk:check(function(code, reply) return "x", code, reply end))
  talk:close()
end)

t.case("the end of the conversation", function()
  local talk = connected("220 ready", "<CLOSES>")
  talk:check("2..")
  talk:command("noop")
  t.gives(nil, "closed")(talk:check("2.."))
  talk:close()
  t.equal(talk:command("noop"), nil)
end)

t.case("what is no reply", function()
  local talk = connected("hello there")
  t.gives(nil, "invalid server reply")(talk:check("2.."))
  talk:close()
end)

t.case("a line break in a command is an error", function()
  local talk, server = connected("220 ready", "250")
  talk:check("2..")
  t.gives(nil, "line break in a command")(talk:command("RCPT", "TO:<a@b>\r\nDATA"))
  talk:close()
  t.equal(server:all(), "")
end)

t.case("data past the commands", function()
  local talk, server = connected("220 ready", "250 one", "250 two", "raw\n")
  talk:check("2..")
  t.ok(talk:send("as it is\r\n"))
  talk:check("2..")
  t.ok(talk:source(ltn12.source.string("from a source\r\n")))
  talk:check("2..")
  t.ok(talk:send("x\r\n"))
  t.equal(talk:receive("*l"), "raw")
  t.equal(type(talk:getfd()), "number")
  t.equal(type(talk:dirty()), "boolean")
  t.equal(talk:getcontrol(), talk.c)
  t.equal(talk:getpeername(), "127.0.0.1")
  talk:close()
  t.equal(server:all(), "as it is|from a source|x")
end)

t.case("nobody there, and a create that fails", function()
  t.gives(nil, "connection refused")(tp.connect("127.0.0.1", s.dead_port(), 1))
  t.gives(nil, "no more")(tp.connect("127.0.0.1", 1, 1, function() return nil, "no more" end))
end)
