-- socket.tp: conversations in lines of text, as SMTP and FTP have them: a command, and a reply with a code of three digits
-- (RFC 959, 4.2; RFC 5321, 4.2).
local socket = require "socket"
local ltn12 = require "ltn12"

local ipairs, setmetatable, tonumber, type = ipairs, setmetatable, tonumber, type
local find, match = string.find, string.match
local concat = table.concat

local tp = { TIMEOUT = 60 }
socket.tp = tp

-- What a server may send as one reply.
local LINE_MAX, LINES_MAX = 65536, 1024

local Talk = {}
Talk.__index = Talk

-- A connection to a server; `create` makes the object that connects.
function tp.connect(host, port, timeout, create)
  local c, problem = (create or socket.tcp)()
  if not c then return nil, problem end
  c:settimeout(timeout or tp.TIMEOUT)
  local done
  done, problem = c:connect(host, port)
  if not done then
    c:close()
    return nil, problem
  end
  return setmetatable({ c = c }, Talk)
end

-- A reply: its code, and its lines in one text. With a hyphen behind the code it goes on, up to a line with that code and
-- a blank.
local function receive_reply(c)
  local line, problem = c:receive("*l", nil, LINE_MAX)
  if not line then return nil, problem end
  local first, mark = match(line, "^(%d%d%d)(.?)")
  if not first then return nil, "invalid server reply" end
  if mark ~= "-" then return first, line end
  local lines = { line }
  for i = 2, LINES_MAX do
    line, problem = c:receive("*l", nil, LINE_MAX)
    if not line then return nil, problem end
    lines[i] = line
    local code
    code, mark = match(line, "^(%d%d%d)(.?)")
    if code == first and mark ~= "-" then return first, concat(lines, "\n") end
  end
  return nil, "invalid server reply"
end

-- Receives a reply. Its code and text, if the code fits `expected`: a pattern, a list of them, or a function of code and
-- text, whose results are those of the call. Else nil and the text.
function Talk:check(expected)
  local code, reply = receive_reply(self.c)
  if not code then return nil, reply end
  local kind = type(expected)
  if kind == "function" then return expected(tonumber(code), reply) end
  if kind == "table" then
    for _, pattern in ipairs(expected) do
      if find(code, pattern) then return tonumber(code), reply end
    end
  elseif find(code, expected) then
    return tonumber(code), reply
  end
  return nil, reply
end

-- Sends a command. A line break in it would be the beginning of another.
function Talk:command(verb, argument)
  local line = verb:upper()
  if argument then line = line .. " " .. argument end
  if find(line, "\r", 1, true) or find(line, "\n", 1, true) then return nil, "line break in a command" end
  return self.c:send(line .. "\r\n")
end

-- Receives what a pattern says, and gives it to a sink.
function Talk:sink(sink, pattern)
  local chunk, problem = self.c:receive(pattern)
  return sink(chunk, problem)
end

function Talk:send(data)
  return self.c:send(data)
end

function Talk:receive(pattern)
  return self.c:receive(pattern)
end

function Talk:getpeername()
  return self.c:getpeername()
end

function Talk:getsockname()
  return self.c:getsockname()
end

function Talk:getfd()
  return self.c:getfd()
end

function Talk:dirty()
  return self.c:dirty()
end

function Talk:getcontrol()
  return self.c
end

-- Sends all that a source gives.
function Talk:source(source, step)
  local sink = socket.sink("keep-open", self.c)
  return ltn12.pump.all(source, sink, step or ltn12.pump.step)
end

function Talk:close()
  self.c:close()
  return 1
end

return tp
