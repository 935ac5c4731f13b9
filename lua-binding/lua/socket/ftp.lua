-- socket.ftp: files to and from servers (RFC 959, 2428, 1738).
--
-- What fails goes through the session's `try`, which closes it and raises; `protect` makes nil and a message of that.
local socket = require "socket"
local url = require "socket.url"
local tp = require "socket.tp"
local ltn12 = require "ltn12"

local ipairs, pairs, setmetatable, tonumber, tostring, type = ipairs, pairs, setmetatable, tonumber, tostring, type
local concat, floor = table.concat, math.floor
local try = socket.newtry()

local ftp = { TIMEOUT = 60, USER = "ftp", PASSWORD = "anonymous@anonymous.org" }
socket.ftp = ftp

local PORT = 21

local Session = {}
Session.__index = Session

-- A session with a server, of which nothing has been heard yet.
function ftp.open(server, port, create)
  local talk = try(tp.connect(server, port or ftp.PORT or PORT, ftp.TIMEOUT, create))
  local session = setmetatable({ tp = talk, create = create }, Session)
  session.try = socket.newtry(function() session:close() end)
  return session
end

-- Sends a command and gives the reply's code and text, if the code fits.
local function ask(self, expected, verb, argument)
  self.try(self.tp:command(verb, argument))
  return self.try(self.tp:check(expected))
end

-- The server may first say that it is not ready yet.
function Session:greet()
  local code = self.try(self.tp:check({ "1..", "2.." }))
  if code < 200 then self.try(self.tp:check("2..")) end
  return 1
end

function Session:login(user, password)
  local code = ask(self, { "2..", "331" }, "USER", user or ftp.USER)
  if code == 331 then ask(self, "2..", "PASS", password or ftp.PASSWORD) end
  return 1
end

function Session:type(kind)
  ask(self, "200", "TYPE", kind)
  return 1
end

function Session:cwd(folder)
  ask(self, "250", "CWD", folder)
  return 1
end

-- Connections for data -----------------------------------------------------------------------------------------------

-- The data goes to the host that we talk to, whatever a reply says: behind a translator of addresses it knows none that
-- would do, and it may name somebody else's.
local function goes_to(self, port, problem)
  if self.server then self.server:close() end
  self.server = nil
  self.pasvt = { self.try(self.tp:getpeername()), self.try(port, problem) }
  return self.pasvt[1], self.pasvt[2]
end

local function extended_port(self, reply)
  local _, port = reply:match("(%p)%1%1(%d+)%1")
  -- Some fill in what RFC 2428 wants empty.
  if not port then _, port = reply:match("%((%p).-%1.-%1(%d+)%1%)") end
  return goes_to(self, port and tonumber(port), "invalid epsv response")
end

-- Where the server waits for us.
function Session:epsv()
  local _, reply = ask(self, "229", "EPSV")
  return extended_port(self, reply)
end

function Session:pasv()
  local _, reply = ask(self, "227", "PASV")
  local high, low = reply:match("%d+,%d+,%d+,%d+,(%d+),(%d+)")
  return goes_to(self, high and tonumber(high) * 256 + tonumber(low), "invalid pasv response")
end

-- The first of these that the server knows; some only know the second.
local function passive(self)
  self.try(self.tp:command("EPSV"))
  local code, reply = self.try(self.tp:check({ "229", "50[012]", "522" }))
  if code == 229 then return extended_port(self, reply) end
  return self:pasv()
end

-- Waits for the server ourselves, unless it is told of somebody else's address.
local function listen(self, address, port, family)
  if address then return address, port, family end
  self.server = self.try(socket.bind(self.try(self.tp:getsockname()), 0))
  self.try(self.server:settimeout(ftp.TIMEOUT))
  return self.try(self.server:getsockname())
end

function Session:eprt(family, address, port)
  address, port, family = listen(self, address, port, family)
  if family == "inet" then family = "1" elseif family == "inet6" then family = "2" end
  ask(self, "2..", "EPRT", ("|%s|%s|%d|"):format(family, address, port))
  return 1
end

function Session:port(address, port)
  address, port = listen(self, address, port)
  local high = floor(port / 256)
  ask(self, "2..", "PORT", ("%s,%d,%d"):format(address:gsub("%.", ","), high, port - high * 256))
  return 1
end

function Session:pasvconnect()
  self.data = self.try((self.create or socket.tcp)())
  self.try(self.data:settimeout(ftp.TIMEOUT))
  self.try(self.data:connect(self.pasvt[1], self.pasvt[2]))
  self.pasvt = nil
end

function Session:portconnect()
  self.data = self.try(self.server:accept())
  self.try(self.data:settimeout(ftp.TIMEOUT))
end

-- Transfers -----------------------------------------------------------------------------------------------------------

-- Gives the order that a request names, or `verb`. Whether another reply follows, and the one that came.
local function begin(self, request, verb)
  if not self.server then
    if not self.pasvt then passive(self) end
    self:pasvconnect()
  end
  local argument = request.argument or url.unescape((request.path or ""):gsub("^[/\\]", ""))
  local code, reply = ask(self, { "1..", "2.." }, request.command or verb, argument ~= "" and argument or nil)
  return code < 200, reply
end

-- Sends what the request's source gives; how many bytes that are.
function Session:send(request)
  self.try(request.source, "no source")
  local replied = begin(self, request, "stor")
  if self.server then self:portconnect() end
  local write = socket.sink("close-when-done", self.data)
  local count = 0
  local function counting(chunk, message)
    if message then
      -- What breaks off must not pass for the whole file: the connection is reset.
      if self.data.setoption then self.data:setoption("linger", { on = true, timeout = 0 }) end
      return nil, message
    end
    count = count + #(chunk or "")
    return write(chunk)
  end
  self.try(ltn12.pump.all(request.source, counting, request.step))
  if replied then self.try(self.tp:check("2..")) end
  return count
end

-- Gives the request's sink what the server sends; where no connection was needed for that, as with STAT, the reply.
function Session:receive(request)
  self.try(request.sink, "no sink")
  local replied, reply = begin(self, request, "retr")
  if not replied then
    request.sink(reply)
    return 1
  end
  if self.server then self:portconnect() end
  self.try(ltn12.pump.all(socket.source("until-closed", self.data), request.sink, request.step))
  self.try(self.tp:check("2.."))
  return 1
end

function Session:quit()
  ask(self, "2..", "QUIT")
  return 1
end

function Session:close()
  if self.data then self.data:close() end
  if self.server then self.server:close() end
  return self.tp:close()
end

-- Requests ------------------------------------------------------------------------------------------------------------

-- The table form of a URL.
function ftp.genericform(address)
  local request = try(url.parse(address, { path = "/", scheme = "ftp" }))
  try(request.scheme:lower() == "ftp", "wrong scheme '" .. request.scheme .. "'")
  try(request.host, "missing hostname")
  if request.params then
    request.type = request.params:match("^type=(.*)$")
    try(request.type == "a" or request.type == "i", "invalid type '" .. (request.type or request.params) .. "'")
  end
  request.user = request.user and url.unescape(request.user)
  request.password = request.password and url.unescape(request.password)
  return request
end

-- Logs in, lets `work(session)` do what it does, and leaves; what that gave.
local function within(given, work)
  local request = given.url and ftp.genericform(given.url) or {}
  for name, value in pairs(given) do request[name] = value end
  try(request.host, "missing hostname")
  local session = ftp.open(request.host, request.port, request.create)
  session:greet()
  session:login(request.user, request.password)
  if request.type then session:type(request.type) end
  local result = work(session, request)
  session:quit()
  session:close()
  return result
end

-- get(url) gives the file; get{ host = ..., path = ..., sink = ... } gives 1.
ftp.get = socket.protect(function(request)
  if type(request) ~= "string" then return within(request, Session.receive) end
  local form, list = ftp.genericform(request), {}
  form.sink = ltn12.sink.table(list)
  within(form, Session.receive)
  return concat(list)
end)

-- put(url, text), put{ host = ..., path = ..., source = ... } give the number of bytes.
ftp.put = socket.protect(function(request, text)
  if type(request) ~= "string" then return within(request, Session.send) end
  local form = ftp.genericform(request)
  form.source = ltn12.source.string(text)
  return within(form, Session.send)
end)

-- A list of what is one or a list.
local function listed(value)
  return type(value) == "table" and value or { value }
end

-- command{ host = ..., command = ..., argument = ..., check = ... }: any command, or a list of them with lists of their
-- arguments and of the codes that they must give.
ftp.command = socket.protect(function(request)
  try(request.command, "missing command")
  return within(request, function(session)
    local arguments, checks = listed(request.argument), listed(request.check)
    for i, verb in ipairs(listed(request.command)) do
      ask(session, checks[i] and tostring(checks[i]) or "...", verb, arguments[i])
    end
    return 1
  end)
end)

return ftp
