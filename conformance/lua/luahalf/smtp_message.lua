-- Messages in the making.

local t, s = ...
local smtp = require("socket.smtp")
local ltn12 = require("ltn12")

-- The header fields by lower-case names, and the body.
local function split(text)
  local head, body = text:match("^(.-\r\n)\r\n(.*)$")
  local fields = {}
  for name, value in head:gmatch("([^\r\n:]+): (.-)\r\n%f[^ \t\n]") do fields[name:lower()] = value end
  for name, value in head:gmatch("([^\r\n:]+): ([^\r\n]*)") do fields[name:lower()] = fields[name:lower()] or value end
  return fields, body, head
end

local function made(message)
  local out, problem = s.drained(smtp.message(message))
  if problem then return nil, problem end
  return split(table.concat(out))
end

t.case("what every message has", function()
  local fields, body = made({ headers = { subject = "Hello" }, body = "text" })
  t.equal(fields.subject, "Hello")
  t.equal(fields["mime-version"], "1.0")
  t.equal(fields["x-mailer"], s.socket._VERSION)
  t.equal(fields["content-type"], 'text/plain; charset="iso-8859-1"')
  t.ok(fields.date:match("^%a%a%a, %d%d %a%a%a %d%d%d%d %d%d:%d%d:%d%d %-0000$"), fields.date)
  t.equal(body, "text")
end)

t.case("the message's own fields count more", function()
  local fields, _, head = made({ headers = { ["Content-type"] = "text/html", DATE = "never", ["x-mailer"] = "me" }, body = "" })
  t.equal(fields["content-type"], "text/html")
  t.equal(fields.date, "never")
  t.equal(fields["x-mailer"], "me")
  t.ok(head:find("Content-Type: text/html\r\n", 1, true))
end)

t.case("bodies from sources", function()
  local _, body = made({ body = s.chunks("a", "b") })
  t.equal(body, "ab")
  _, body = made({})
  t.equal(body, "")
  local out, problem = s.drained(smtp.message({ body = ltn12.source.error("why") }))
  t.equal(#out, 1)
  t.equal(problem, "why")
end)

t.case("folded fields stay folded", function()
  local _, _, head = made({ headers = { subject = "one\r\n two" }, body = "" })
  t.ok(head:find("Subject: one\r\n two\r\n", 1, true))
end)

t.case("fields cannot smuggle others in", function()
  for _, headers in ipairs({ { subject = "a\r\nBcc: x" }, { ["x: y\r\nbcc"] = "z" }, { subject = "a\r\n\r\nbody" } }) do
    local fields, problem = made({ headers = headers, body = "" })
    t.equal(fields, nil)
    t.ok(problem:find("invalid header field", 1, true), problem)
  end
end)

t.case("parts, and parts of parts", function()
  local fields, body = made({
    headers = { subject = "many" },
    body = {
      preamble = "for old readers",
      { headers = { ["content-type"] = "a/b" }, body = "one" },
      { headers = { ["content-type"] = "multipart/alternative" }, body = { { body = "deep" }, { body = s.chunks("er") } } },
      { body = s.chunks("two") },
      epilogue = "the end",
    },
  })
  local boundary = fields["content-type"]:match('^multipart/mixed; boundary="([^"]+)"$')
  t.ok(boundary, fields["content-type"])
  local pieces = {}
  for piece in ("\r\n" .. body):gsub("\r\n%-%-" .. boundary:gsub("%p", "%%%0"), "\1"):gmatch("[^\1]+") do
    pieces[#pieces + 1] = piece
  end
  t.equal(#pieces, 5)
  t.equal(pieces[1], "\r\nfor old readers\r\n")
  t.equal(pieces[2], "\r\nContent-Type: a/b\r\n\r\none")
  t.ok(pieces[3]:find('\r\nContent-Type: multipart/alternative; boundary="', 1, true))
  t.ok(pieces[3]:find("\r\n\r\ndeep\r\n--", 1, true))
  t.equal(pieces[4], '\r\nContent-Type: text/plain; charset="iso-8859-1"\r\n\r\ntwo')
  t.equal(pieces[5], "--\r\n\r\nthe end\r\n")
  t.differs(pieces[3]:match('boundary="([^"]+)"'), boundary)
end)
