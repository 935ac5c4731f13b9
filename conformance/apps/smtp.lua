--- socket.smtp, LuaSocket's own or ours, delivers mail: to servers/smtp.lua, a second process on this library, and to Python's
-- smtpd, which is somebody else's idea of the protocol.

local app = dofile((arg[0]:match("^(.*)/[^/]*$") or ".") .. "/app.lua")

local python_server = [[
import asyncore, os, smtpd, sys
class Server(smtpd.SMTPServer):
    def process_message(self, peer, mailfrom, rcpttos, data, **options):
        with open(sys.argv[2] + ".new", "wb") as file:
            file.write(("from: %s\nto: %s\n\n" % (mailfrom, " ".join(rcpttos))).encode() + data)
        os.rename(sys.argv[2] + ".new", sys.argv[2])
server = Server(("127.0.0.1", 0), None)
with open(sys.argv[1] + ".new", "w") as file:
    file.write(str(server.socket.getsockname()[1]))
os.rename(sys.argv[1] + ".new", sys.argv[1])
asyncore.loop()
]]

--- Splits a stored message into envelope, header table (lower-case names) and body.
local function parse(text, line_end)
    local envelope, rest = text:match("^(.-)\n\n(.*)$")
    local head, body = rest:match("^(.-)" .. line_end .. line_end .. "(.*)$")
    local headers = {}
    for name, value in (head .. line_end):gmatch("([^\n:]+): (.-)" .. line_end) do headers[name:lower()] = value end
    return envelope, headers, body
end

local body = "Hello.\r\n.\r\n..two dots\r\n.one dot\r\nF\252r 8 bits\r\n\r\nlast line\r\n"

local function send(smtp, port, extra)
    local mail = {
        server = "127.0.0.1",
        port = port,
        from = "<sender@example.org>",
        rcpt = { "<one@example.org>", "<two@example.org>" },
        source = smtp.message({
            headers = { subject = "A subject", to = "One <one@example.org>", from = "Sender <sender@example.org>" },
            body = body,
        }),
    }
    for key, value in pairs(extra or {}) do mail[key] = value end
    return smtp.send(mail)
end

local function our_server(smtp, socket)
    local folder = app.path("mail")
    app.execute({ "mkdir", folder })
    local server = app.serve("smtp.lua", folder)

    app.case("a message with two recipients", function()
        app.equal(app.ok(send(smtp, server.port)), 1)
        local envelope, headers, received = parse(app.read(folder .. "/1"), "\r\n")
        app.equal(envelope, "auth: -\nfrom: <sender@example.org>\nto: <one@example.org>\nto: <two@example.org>")
        app.equal(headers.subject, "A subject")
        app.equal(headers.to, "One <one@example.org>")
        app.equal(headers.from, "Sender <sender@example.org>")
        app.equal(headers["mime-version"], "1.0")
        app.equal(headers["x-mailer"], socket._VERSION)
        app.ok(headers.date:match("^%a%a%a, %d%d %a%a%a %d%d%d%d %d%d:%d%d:%d%d %-0000$"), headers.date)
        app.equal(received, body .. "\r\n")
    end)

    app.case("login and a large attachment from a source", function()
        local path = app.random_file("attachment", 300000)
        local encoded = require("mime").b64(app.read(path))
        local position = 1
        local function source()
            if position > #encoded then return nil end
            position = position + 760
            return encoded:sub(position - 760, position - 1) .. "\r\n"
        end
        app.equal(app.ok(send(smtp, server.port, {
            user = "lua",
            password = "moon",
            source = smtp.message({ headers = { subject = "Large" }, body = source }),
        })), 1)
        local envelope, headers, received = parse(app.read(folder .. "/2"), "\r\n")
        app.equal(envelope:match("^auth: ([^\n]*)"), "|lua|moon")
        app.equal(headers.subject, "Large")
        app.equal((received:gsub("%s", "")), encoded)
    end)

    app.case("a refused recipient", function()
        local result, message = send(smtp, server.port, { rcpt = "<nobody@example.org>" })
        app.equal(result, nil)
        app.equal(message, "550 no such user")
        app.equal(io.open(folder .. "/3"), nil)
    end)

    app.case("connection refused", function()
        server:stop()
        local result, message = send(smtp, server.port)
        app.equal(result, nil)
        app.equal(message, "connection refused")
    end)
end

local function pythons_server(smtp)
    app.case("a message for Python's smtpd", function()
        local python = app.program("python3", "python3")
        local _, missing = app.capture({ python, "-W", "ignore", "-c", "import smtpd" })
        if missing ~= 0 then app.skip("this python3 has no smtpd (removed in 3.12)") end
        local announcement, stored = app.path("python.port"), app.path("python.mail")
        local words = { python, "-W", "ignore", "-c", python_server, announcement, stored }
        local port
        local server = app.start("Python smtpd", words, function()
            local file = io.open(announcement)
            if not file then return false end
            port = tonumber(file:read("*a"))
            file:close()
            return true
        end)
        app.equal(app.ok(send(smtp, port)), 1)
        server:stop()
        -- smtpd hands the message over with bare line feeds and without the last one.
        local envelope, headers, received = parse(app.read(stored), "\n")
        app.equal(envelope, "from: sender@example.org\nto: one@example.org two@example.org")
        app.equal(headers.subject, "A subject")
        app.equal(received, (body:gsub("\r\n", "\n")))
    end)
end

app.run(function()
    local socket, smtp = require("socket"), require("socket.smtp")
    smtp.TIMEOUT = 10
    our_server(smtp, socket)
    pythons_server(smtp)
end)
