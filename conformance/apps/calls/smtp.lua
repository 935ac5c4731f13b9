--- Calls of socket.smtp on a real server: its port, and one where nobody listens. The messages are for "SIDE" below.

local show = dofile(arg[0]:match("^(.*)/") .. "/show.lua")
local smtp, ltn12 = require("socket.smtp"), require("ltn12")
local mime = require("mime")
local port, side, nobody = arg[1], arg[2], arg[3]
smtp.TIMEOUT = 10

local function send(name, more)
    local mail = {
        server = "127.0.0.1", port = port, from = "<sender@example.org>", rcpt = "<" .. side .. "@example.org>",
        source = smtp.message({ headers = { subject = name, date = "Thu, 01 Jan 2026 00:00:00 +0000" }, body = "text\r\n" }),
    }
    for key, value in pairs(more or {}) do mail[key] = value end
    show(name, smtp.send(mail))
end

send("plain")
send("dots", { source = smtp.message({ headers = { subject = "dots" }, body = ".\r\n..\r\n.x\r\nend" }) })
send("eight bits", { source = smtp.message({ headers = { subject = "bits" }, body = "F\252r\r\n" }) })
send("two recipients", { rcpt = { "<" .. side .. "@example.org>", "<" .. side .. "2@example.org>" } })
send("a large attachment", { source = smtp.message({
    headers = { subject = "large" },
    body = {
        preamble = "preamble",
        { body = mime.eol(0, "one\ntwo\n") },
        {
            headers = { ["content-type"] = "application/octet-stream", ["content-transfer-encoding"] = "BASE64" },
            body = ltn12.source.chain(ltn12.source.string(("\0\1\2\255"):rep(100000)),
                ltn12.filter.chain(mime.encode("base64"), mime.wrap())),
        },
        epilogue = "epilogue",
    },
}) })
send("a refused recipient", { rcpt = "<refused@example.org>" })
send("a recipient that is none", { rcpt = "no address" })
send("a sender that is none", { from = "no address" })
send("a login that is not offered", { user = "me", password = "word" })
send("another domain", { domain = "example.org" })
send("a source that fails", { source = ltn12.source.error("source") })
send("nobody", { port = nobody })
