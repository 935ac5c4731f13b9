-- socket.http.connection: the messages of HTTP/1.1 on a connection, as socket.http sends and receives them.
local socket = require "socket"
local ltn12 = require "ltn12"
local headers = require "socket.headers"

local canonic, header_text = headers.canonic, headers.text
local setmetatable, tonumber, tostring = setmetatable, tonumber, tostring
local min = math.min
local byte, find, lower, sub = string.byte, string.find, string.lower, string.sub

-- What a server may send as the head of its answer.
local LINE_MAX, HEAD_MAX = 65536, 1048576
-- What is read from a chunk at a time.
local BLOCK = 65536

local Connection = {}
Connection.__index = Connection

local connection = {}

-- For an object that is connected, or will be.
function connection.new(c)
  local new = setmetatable({ c = c }, Connection)
  new.try = socket.newtry(function() new:close() end)
  return new
end

function Connection:close()
  return self.c:close()
end

-- The request ---------------------------------------------------------------------------------------------------------

local TOKEN = "^[%w!#$%%&'*+.^_`|~-]+$"
local METHODS = { DELETE = true, GET = true, HEAD = true, OPTIONS = true, PATCH = true, POST = true, PUT = true }

local function request_line(self, method, uri)
  if not (METHODS[method] or method:find(TOKEN)) then self.try(nil, "invalid method '" .. method .. "'") end
  return method .. " " .. uri .. " HTTP/1.1\r\n"
end

-- Would this line end before its end?
local function breaks(line)
  return find(line, "[\r\n%z]")
end

local function field_lines(self, fields)
  return self.try(header_text(fields, TOKEN, breaks))
end

function Connection:sendrequestline(method, uri)
  return self.try(self.c:send(request_line(self, method or "GET", uri)))
end

function Connection:sendheaders(fields)
  self.try(self.c:send(field_lines(self, fields)))
  return 1
end

-- Both, in one piece.
function Connection:sendrequest(method, uri, fields)
  return self.try(self.c:send(request_line(self, method, uri) .. field_lines(self, fields)))
end

-- A server may answer and close before it has read all: then what it says counts, not that it no longer listens.
function Connection:sendbody(fields, source, step)
  local promised = tonumber(fields["content-length"])
  local send = socket.sink(promised and "keep-open" or "http-chunked", self.c)
  local count, refused = 0, false
  local function counting(chunk, message)
    count = count + #(chunk or "")
    local done, problem = send(chunk, message)
    refused = not done and problem == "closed"
    return done, problem
  end
  local done, problem = ltn12.pump.all(source or ltn12.source.empty(), counting, step)
  self.miscounted = promised and promised ~= count or refused
  if not (done or refused) then self.try(nil, problem) end
  return 1
end

-- The answer ----------------------------------------------------------------------------------------------------------

-- The code and the status line; or nil and the first bytes of what is no status line.
function Connection:receivestatusline()
  local start, problem, partial = self.c:receive(5)
  if not start and problem == "closed" and partial and partial ~= "" then start = partial end
  self.try(start, problem)
  self.answered = true
  if start ~= "HTTP/" then return nil, start end
  local status = self.try(self.c:receive("*l", start, LINE_MAX))
  local version, code = status:match("^HTTP/(%d*%.%d*) (%d%d%d)")
  self.version = version
  return self.try(tonumber(code), status), status
end

-- A text without the blanks at its end.
local function trimmed(text)
  local last = #text
  -- Most have none, which a look at the byte says.
  while last > 0 and byte(text, last) <= 32 and find(text, "^%s", last) do last = last - 1 end
  return last == #text and text or sub(text, 1, last)
end

-- A line's name and value; nil where it has no name.
local function field_of(line)
  local colon, blanks = find(line, ":%s*")
  if not colon or colon == 1 then return nil end
  local name = lower(sub(line, 1, colon - 1))
  -- A name that is known neither begins with a blank nor ends with one.
  if not canonic[name] then
    if find(name, "^%s") then return nil end
    name = trimmed(name)
  end
  return name, trimmed(sub(line, blanks + 1))
end

-- Header fields up to the empty line, besides those that there are. Those that come more than once are joined by commas.
local function receive_fields(sock, fields)
  local name, total = nil, 0
  fields = fields or {}
  while true do
    local line, problem = sock:receive("*l", nil, LINE_MAX)
    if not line then return nil, problem end
    if line == "" then return fields end
    total = total + #line
    if total > HEAD_MAX then return nil, "response headers too long" end
    local first = byte(line)
    if name and (first == 32 or first == 9) then
      fields[name] = fields[name] .. trimmed(line)
    else
      local value
      name, value = field_of(line)
      if not name then return nil, "malformed response headers" end
      fields[name] = fields[name] and fields[name] .. ", " .. value or value
    end
  end
end

function Connection:receiveheaders()
  return self.try(receive_fields(self.c))
end

-- How the body's end is known: the name of a source, and the length where that says it.
local function framing(fields)
  local encoding = fields["transfer-encoding"]
  if encoding and encoding:lower() ~= "identity" then
    return encoding:lower():find("chunked$") and "http-chunked" or "until-closed"
  end
  local length = fields["content-length"]
  -- The same length twice is one length.
  local digits = length and (length:match("^%d+$") or length:match("^(%d+), %1$"))
  if digits then return "by-length", tonumber(digits) end
  return "until-closed"
end

function Connection:receivebody(fields, sink, step)
  local mode, length = framing(fields)
  local source = socket.source(mode, self.c, length)
  -- Where the end of the connection is the end of the body, none can follow.
  self.ended = mode == "until-closed"
  return self.try(ltn12.pump.all(source, sink or ltn12.sink.null(), step))
end

-- An answer in HTTP/0.9, whose first bytes are known.
function Connection:receive09body(start, sink, step)
  local source = ltn12.source.rewind(socket.source("until-closed", self.c))
  source(start)
  return self.try(ltn12.pump.all(source, sink, step))
end

-- May another request follow, now that the answer with these fields has been read?
function Connection:can_stay(asked, fields)
  local function says(of, word)
    return (("," .. tostring(of.connection or "") .. ","):lower():gsub("%s", "")):find("," .. word .. ",", 1, true)
  end
  if self.miscounted or says(asked, "close") or says(fields, "close") then return false end
  if self.version ~= "1.1" and not says(fields, "keep-alive") then return false end
  return not self.ended
end

-- Chunks --------------------------------------------------------------------------------------------------------------

-- As the sinks and sources of `socket`: callable, and with what select wants to know.
local function port(sock, call)
  return setmetatable({
    getfd = function() return sock:getfd() end,
    dirty = function() return sock:dirty() end,
  }, { __call = call })
end

-- Each chunk with its length before it. A failure is not passed off as the end.
socket.sinkt["http-chunked"] = function(sock)
  return port(sock, function(_, chunk, message)
    if message then return nil, message end
    if not chunk then return sock:send("0\r\n\r\n") end
    if chunk == "" then return 1 end
    return sock:send(("%X\r\n"):format(#chunk) .. chunk .. "\r\n")
  end)
end

-- What chunks contain. Fields after the last one go to `trailers`, where that is given.
socket.sourcet["http-chunked"] = function(sock, trailers)
  local left, between, ended = 0, false, false

  local function next_size()
    if between then
      local rest, problem = sock:receive("*l", nil, LINE_MAX)
      if rest ~= "" then return nil, problem or "invalid chunk" end
    end
    local line, problem = sock:receive("*l", nil, LINE_MAX)
    if not line then return nil, problem end
    local digits = line:match("^%s*(%x+)%s*$") or line:match("^%s*(%x+)%s*;")
    -- More digits than a number can have exactly are nobody's chunk.
    if not digits or #digits > 13 then return nil, "invalid chunk size" end
    return tonumber(digits, 16)
  end

  return port(sock, function()
    if ended then return nil end
    if left == 0 then
      local size, problem = next_size()
      if not size then return nil, problem end
      left, between = size, true
    end
    if left == 0 then
      local fields, problem = receive_fields(sock, trailers)
      if not fields then return nil, problem end
      ended = true
      return nil
    end
    local data, problem = sock:receive(min(left, BLOCK))
    if not data then return nil, problem end
    left = left - #data
    return data
  end)
end

return connection
