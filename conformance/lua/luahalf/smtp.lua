-- Delivery of mail.

local t, s = ...
local smtp = require("socket.smtp")
local ltn12 = require("ltn12")
local socket = s.socket
smtp.TIMEOUT = 10

local GREETING = { "220-a\n220 ready", "250-host\n250-AUTH PLAIN\n250 SIZE" }

local function server(...)
  local replies = { GREETING[1], GREETING[2], ... }
  return s.talker((unpack or table.unpack)(replies))
end

local function sent(to, more)
  local mail = {
    server = "127.0.0.1", port = to.port, from = "<me@here>", rcpt = "<you@there>",
    source = ltn12.source.string("Subject: x\r\n\r\n.dot\r\ntext"),
  }
  for name, value in pairs(more or {}) do mail[name] = value end
  return smtp.send(mail)
end

t.case("what the module has", function()
  t.equal(socket.smtp, smtp)
  t.equal(smtp.PORT, 25)
  t.equal(smtp.SERVER, "localhost")
  t.equal(smtp.ZONE, "-0000")
  t.equal(type(smtp.DOMAIN), "string")
end)

t.case("a message for one", function()
  local to = server("250", "250", "354<MAIL 250 kept>", "221 bye")
  t.gives(1)(sent(to))
  t.equal(to:all(), "EHLO " .. smtp.DOMAIN .. "|MAIL FROM:<me@here>|RCPT TO:<you@there>|DATA|Subject: x||..dot|text|.|QUIT")
end)

t.case("a message for two, from another domain", function()
  local to = server("250", "250", "251", "354<MAIL 250>", "221")
  t.gives(1)(sent(to, { rcpt = { "<a@b>", "<c@d>" }, domain = "mine" }))
  t.ok(to:all():find("^EHLO mine|MAIL FROM:<me@here>|RCPT TO:<a@b>|RCPT TO:<c@d>|DATA|"))
end)

t.case("AUTH PLAIN", function()
  local to = server("235", "250", "250", "354<MAIL 250>", "221")
  t.gives(1)(sent(to, { user = "me", password = "secret" }))
  t.ok(to:all():find("|AUTH PLAIN AG1lAHNlY3JldA==|MAIL", 1, true))
end)

t.case("AUTH LOGIN", function()
  local to = s.talker("220", "250-host\n250-AUTH=LOGIN PLAIN\n250 SIZE", "334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6", "235",
    "250", "250", "354<MAIL 250>", "221")
  t.gives(1)(sent(to, { user = "me", password = "secret" }))
  t.ok(to:all():find("|AUTH LOGIN|bWU=|c2VjcmV0|MAIL", 1, true))
end)

t.case("no way to log in", function()
  local to = s.talker("220", "250 host")
  t.gives(nil, "authentication not supported")(sent(to, { user = "me", password = "secret" }))
end)

t.case("refusals are given as they come", function()
  t.gives(nil, "554 go away")(sent(s.talker("554 go away")))
  t.gives(nil, "502 what?")(sent(s.talker("220", "502 what?")))
  t.gives(nil, "535 wrong")(sent(server("535 wrong"), { user = "me", password = "secret" }))
  t.gives(nil, "550 not you")(sent(server("550 not you")))
  t.gives(nil, "550 nobody")(sent(server("250", "550 nobody")))
  t.gives(nil, "452 full")(sent(server("250", "250", "452 full")))
  t.gives(nil, "554 spam")(sent(server("250", "250", "354<MAIL 554 spam>")))
  t.gives(nil, "closed")(sent(server("250", "<CLOSES>")))
end)

t.case("a source that fails does not end the message", function()
  local to = server("250", "250", "354<MAIL 250>")
  local source = ltn12.source.cat(ltn12.source.string("Subject: x\r\n"), ltn12.source.error("disk on fire"))
  t.gives(nil, "disk on fire")(sent(to, { source = source }))
  t.ok(to:all():find("|Subject: x|(cut)", 1, true))
end)

t.case("create and step", function()
  local to = server("250", "250", "354<MAIL 250>", "221")
  local made, steps = nil, 0
  t.gives(1)(sent(to, {
    create = function()
      made = socket.tcp()
      return made
    end,
    step = function(source, sink)
      steps = steps + 1
      return ltn12.pump.step(source, sink)
    end,
  }))
  t.equal(made:getfd(), -1)
  t.near(steps, 2, 5)
end)

t.case("what is missing is an error, and the session is closed", function()
  for _, name in ipairs({ "from", "rcpt", "source" }) do
    local made
    local mail = {
      server = "127.0.0.1", port = server("250", "250").port, from = "<a@b>", rcpt = "<c@d>",
      source = ltn12.source.empty(), create = function()
        made = socket.tcp()
        return made
      end,
    }
    mail[name] = nil
    local done, message = smtp.send(mail)
    t.equal(done, nil)
    t.equal(type(message), "string")
    t.equal(made:getfd(), -1)
  end
end)

t.case("addresses cannot smuggle commands in", function()
  local to = server("250", "250", "250")
  t.gives(nil, "line break in a command")(sent(to, { rcpt = "<a@b>\r\nRCPT TO:<c@d>" }))
  t.equal(to:all():find("c@d", 1, true), nil)
end)

t.case("a session by hand", function()
  local to = server("250", "250", "354<MAIL 250 kept>", "221")
  local session = smtp.open("127.0.0.1", to.port)
  t.ok(session:greet("dom"):find("AUTH PLAIN", 1, true))
  t.equal(session:mail("<a@b>"), 250)
  t.equal(session:rcpt("<c@d>"), 250)
  t.equal(select(2, session:data(ltn12.source.string("x"))), "250 kept")
  t.equal(session:quit(), 221)
  t.equal(session:close(), 1)
end)

t.case("nobody there", function()
  t.gives(nil, "connection refused")(sent({ port = s.dead_port() }))
end)
