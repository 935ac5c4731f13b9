-- socket.smtp: mail, made (RFC 5322, 2045, 2046) and delivered (RFC 5321, 4954).
--
-- What fails in a delivery goes through the connection's `try`, which closes it and raises; `protect` makes nil and a
-- message of that.
local socket = require "socket"
local tp = require "socket.tp"
local ltn12 = require "ltn12"
local mime = require "mime"
local header_text = require("socket.headers").text

local ipairs, pairs, setmetatable, type = ipairs, pairs, setmetatable, type
local unpack = unpack or table.unpack
local date = os.date
local match = string.match
local random = math.random

local smtp = {
  TIMEOUT = 60, SERVER = "localhost", PORT = 25, DOMAIN = os.getenv("SERVER_NAME") or "localhost", ZONE = "-0000",
}
socket.smtp = smtp

-- Delivery ------------------------------------------------------------------------------------------------------------

local Session = {}
Session.__index = Session

-- A session with a server, of which nothing has been heard yet.
function smtp.open(server, port, create)
  local talk = socket.try(tp.connect(server or smtp.SERVER, port or smtp.PORT, smtp.TIMEOUT, create))
  local session = setmetatable({ tp = talk }, Session)
  session.try = socket.newtry(function() session:close() end)
  return session
end

-- Sends a command and gives the reply, if its code fits.
local function ask(self, expected, verb, argument)
  self.try(self.tp:command(verb, argument))
  return self.try(self.tp:check(expected))
end

-- What the server can do, in lines.
function Session:greet(domain)
  self.try(self.tp:check("2.."))
  local _, reply = ask(self, "2..", "EHLO", domain or smtp.DOMAIN)
  return reply
end

function Session:mail(from)
  return ask(self, "2..", "MAIL", "FROM:" .. self.try(from, "no sender"))
end

function Session:rcpt(to)
  return ask(self, "2..", "RCPT", "TO:" .. self.try(to, "no recipient"))
end

-- A message that breaks off is not ended: the server is to forget it.
function Session:data(source, step)
  ask(self, "3..", "DATA")
  self.try(self.tp:source(source, step))
  self.try(self.tp:send("\r\n.\r\n"))
  return self.try(self.tp:check("2.."))
end

function Session:quit()
  return ask(self, "2..", "QUIT")
end

function Session:close()
  return self.tp:close()
end

function Session:login(user, password)
  ask(self, "3..", "AUTH", "LOGIN")
  -- Not as a command: those are written in capitals.
  self.try(self.tp:send(mime.b64(user) .. "\r\n"))
  self.try(self.tp:check("3.."))
  self.try(self.tp:send(mime.b64(password) .. "\r\n"))
  return self.try(self.tp:check("2.."))
end

function Session:plain(user, password)
  return ask(self, "2..", "AUTH", "PLAIN " .. mime.b64("\0" .. user .. "\0" .. password))
end

-- Says who we are, in the way that the server's greeting offers.
function Session:auth(user, password, offered)
  if not user or not password then return 1 end
  local ways = " " .. (offered:upper():match("AUTH([^\n]*)") or ""):gsub("[=\r]", " ") .. " "
  if ways:find(" LOGIN ", 1, true) then return self:login(user, password) end
  if ways:find(" PLAIN ", 1, true) then return self:plain(user, password) end
  return self.try(nil, "authentication not supported")
end

-- The envelope and the message, whose lines may begin with dots.
function Session:send(mail)
  self:mail(mail.from)
  local recipients = type(mail.rcpt) == "table" and mail.rcpt or { mail.rcpt }
  self.try(recipients[1], "no recipient")
  for _, recipient in ipairs(recipients) do self:rcpt(recipient) end
  return self:data(ltn12.source.chain(self.try(mail.source, "no source"), mime.stuff()), mail.step)
end

-- Delivers a message: `from`, `rcpt` (one or a list), `source`; and `user`, `password`, `server`, `port`, `domain`, `step`,
-- `create`.
smtp.send = socket.protect(function(mail)
  local session = smtp.open(mail.server, mail.port, mail.create)
  session:auth(mail.user, mail.password, session:greet(mail.domain))
  session:send(mail)
  session:quit()
  return session:close()
end)

-- Messages ------------------------------------------------------------------------------------------------------------

local parts = 0

-- What no part contains, in all likelihood.
local function new_boundary()
  parts = parts + 1
  return ("%s%07d==%05u"):format(date("%d%m%Y%H%M%S"), random(0, 9999999), parts)
end

-- The names of header fields.
local NAME = "^[^%c: ]*$"

-- Would it end its header field? A line break may only fold it.
local function breaks(line)
  return line:gsub("\r?\n[ \t]", ""):find("[\r\n%z]")
end

-- By the digits that `date` has for them.
local DAYS = { ["0"] = "Sun", ["1"] = "Mon", ["2"] = "Tue", ["3"] = "Wed", ["4"] = "Thu", ["5"] = "Fri", ["6"] = "Sat" }
local MONTHS = {
  ["01"] = "Jan", ["02"] = "Feb", ["03"] = "Mar", ["04"] = "Apr", ["05"] = "May", ["06"] = "Jun",
  ["07"] = "Jul", ["08"] = "Aug", ["09"] = "Sep", ["10"] = "Oct", ["11"] = "Nov", ["12"] = "Dec",
}

-- The time as mail has it, whatever language the program speaks.
local function now(zone)
  local weekday, month, day, rest = match(date("!%w%m%d %Y %H:%M:%S "), "^(.)(..)(..)(.*)")
  return DAYS[weekday] .. ", " .. day .. " " .. MONTHS[month] .. rest .. zone
end

local function lowered(headers)
  local lower = {}
  for name, value in pairs(headers or {}) do lower[name:lower()] = value end
  return lower
end

-- A text in one piece, as it is sent then.
local function text_source(text)
  local rest = text ~= "" and text or nil
  return function()
    local chunk = rest
    rest = nil
    return chunk
  end
end

local part_source

-- The parts with their boundaries; what stands around them is for readers that know no parts.
local function multipart_source(body, boundary)
  local list = { text_source(body.preamble and body.preamble .. "\r\n" or "") }
  for _, part in ipairs(body) do
    list[#list + 1] = text_source("\r\n--" .. boundary .. "\r\n")
    list[#list + 1] = part_source(part, lowered(part.headers))
  end
  list[#list + 1] = text_source("\r\n--" .. boundary .. "--\r\n\r\n")
  list[#list + 1] = text_source(body.epilogue and body.epilogue .. "\r\n" or "")
  return ltn12.source.cat(unpack(list))
end

-- A part: its header and its body, which is a text, a source, or a list of parts.
function part_source(part, headers)
  local body, content = part.body, nil
  if type(body) == "table" then
    local boundary = new_boundary()
    local kind = headers["content-type"] or "multipart/mixed"
    headers["content-type"] = kind .. '; boundary="' .. boundary .. '"'
    content = multipart_source(body, boundary)
  else
    headers["content-type"] = headers["content-type"] or 'text/plain; charset="iso-8859-1"'
    content = type(body) == "function" and body or text_source(body)
  end
  local text, problem = header_text(headers, NAME, breaks)
  if not text then return ltn12.source.error(problem) end
  return ltn12.source.cat(text_source(text), content)
end

-- The source of a message: `headers`, and `body`: a text, a source, or a list of such messages with `preamble` and
-- `epilogue`.
function smtp.message(message)
  local headers = lowered(message.headers)
  headers.date = headers.date or now(message.zone or smtp.ZONE)
  headers["x-mailer"] = headers["x-mailer"] or socket._VERSION
  -- It is what we make.
  headers["mime-version"] = "1.0"
  return part_source(message, headers)
end

return smtp
