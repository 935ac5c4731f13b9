-- A server of lines in another process: it says what it is told to, and tells what it heard.

return function(t)
  local source = [[
    local socket = require("socket")
    local server = assert(socket.bind("127.0.0.1", 0))
    server:settimeout(2)
    say((select(2, server:getsockname())))
    local function shown(text) return (text:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end)) end
    local data

    -- Opens a listener for data and fills in where it is.
    local function with_port(reply)
      return (reply:gsub("PORTS?", function(what)
        if data then data:close() end
        data = assert(socket.bind("127.0.0.1", 0))
        data:settimeout(2)
        local port = tonumber((select(2, data:getsockname())))
        return what == "PORT" and ("%d"):format(port) or ("%d,%d"):format((port - port % 256) / 256, port % 256)
      end))
    end

    local c = assert(server:accept())
    c:settimeout(3)
    server:close()
    for i, reply in ipairs(REPLIES) do
      if i > 1 then
        local line = c:receive("*l")
        if not line then break end
        say(shown(line))
      end
      local first, act, rest = reply:match("^(.-)<(%a+) ?(.*)>$")
      c:send(with_port(first or reply))
      if act == "MAIL" then
        repeat
          local line = c:receive("*l")
          say(shown(line or "(cut)"))
        until not line or line == "."
        c:send(rest)
      elseif act == "GIVES" then
        local d = assert(data:accept())
        d:send("the file\r\n")
        d:close()
        c:send(rest)
      elseif act == "TAKES" then
        local d = assert(data:accept())
        d:settimeout(3)
        local text, problem, partial = d:receive("*a")
        say(shown(text or partial .. "(" .. problem .. ")"))
        d:close()
        c:send(rest)
      elseif act == "CLOSES" then
        break
      end
    end
    c:close()
    if data then data:close() end
    say("ended")
  ]]

  local Talker = {}
  Talker.__index = Talker

  --- The next line that it heard; "ended" after the last.
  function Talker:heard()
    local line = self.peer:line()
    if line == "ended" then return line end
    return (line:gsub("%x%x", function(digits) return string.char(tonumber(digits, 16)) end))
  end

  --- All lines that it heard.
  function Talker:all()
    local lines = {}
    while true do
      local line = self:heard()
      if line == "ended" then return table.concat(lines, "|") end
      lines[#lines + 1] = line
    end
  end

  --- Greets with the first reply and answers each line with another. In a reply PORT and PORTS are a listener's port, in
  --- one number and in two; <MAIL reply> reads up to the dot, <GIVES reply> and <TAKES reply> transfer a file.
  return function(...)
    local replies = {}
    for i, reply in ipairs({ ... }) do
      local first, act = reply:match("^([^<]*)(<?.*)$")
      if first ~= "" then first = first:gsub("\n", "\r\n") .. "\r\n" end
      if act:find(" ") then act = act:gsub(">$", "\r\n>") end
      replies[i] = '"' .. (first .. act):gsub("[%c\"\\]", function(char) return ("\\%03d"):format(char:byte()) end) .. '"'
    end
    local peer = t.peer("local REPLIES = {" .. table.concat(replies, ",") .. "}\n" .. source)
    return setmetatable({ peer = peer, port = tonumber(peer:line()) }, Talker)
  end
end
