-- A server in another process that says what it is told to, and tells what it was asked.

return function(t, s)
  local escaped = {}
  for i = 0, 255 do escaped[string.char(i)] = ("\\%03d"):format(i) end

  local function literal(value)
    if type(value) == "table" then
      local items = {}
      for i, item in ipairs(value) do items[i] = literal(item) end
      return "{" .. table.concat(items, ",") .. "}"
    end
    return '"' .. value:gsub(".", escaped) .. '"'
  end

  local source = [[
    local socket = require("socket")
    local server = assert(socket.bind("127.0.0.1", 0))
    server:settimeout(2)
    say((select(2, server:getsockname())))
    local function shown(text) return (text:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end)) end

    -- A request with its body, as it came; nil at the end of the connection.
    local function request(c)
      local lines, length, chunked = {}, 0, false
      repeat
        local line = c:receive("*l")
        if not line then return nil end
        lines[#lines + 1] = line
        length = tonumber(line:lower():match("^content%-length: *(%d+)$")) or length
        chunked = chunked or line:lower():find("^transfer%-encoding:.*chunked") ~= nil
      until line == ""
      local body = ""
      if chunked then
        repeat
          local line = c:receive("*l")
          if not line then return table.concat(lines, "\n") .. "\n" .. body .. "(cut)" end
          body = body .. line .. "\n"
        until line == "0"
        c:receive("*l")
      elseif length > 0 then
        local data, _, partial = c:receive(length)
        body = data or partial .. "(cut)"
      end
      return table.concat(lines, "\n") .. "\n" .. body
    end

    for _, answers in ipairs(ANSWERS) do
      local c = assert(server:accept())
      c:settimeout(3)
      if type(answers) == "string" then answers = { answers } end
      for _, answer in ipairs(answers) do
        local asked = request(c)
        say(asked and shown(asked) or "-")
        if answer == "SILENCE" then
          c:receive("*a")
        else
          c:send(answer)
        end
      end
      c:close()
    end
  ]]

  local Server = {}
  Server.__index = Server

  --- The next request that came: its first line, header fields by lower-case names, body, and all of its text.
  function Server:asked()
    local text = self.peer:line():gsub("%x%x", function(digits) return string.char(tonumber(digits, 16)) end)
    local head, body = text:match("^(.-)\n\n(.*)$")
    local asked = { line = (head or text):match("^[^\n]*"), fields = {}, body = body, text = text }
    for name, value in (head or ""):gmatch("\n([^:\n]+): ([^\n]*)") do asked.fields[name:lower()] = value end
    return asked
  end

  local servers = {}

  -- A server that still waits for somebody when the case is over, which then has failed, need not wait any longer.
  local cleanup = t.cleanup
  function t.cleanup()
    for _, server in ipairs(servers) do
      for _ = 1, server.connections do
        local c = s.socket.connect("127.0.0.1", server.port)
        if not c then break end
        c:close()
      end
    end
    servers = {}
    return cleanup()
  end

  --- Answers each connection with one of these: a text, or a list of texts for as many requests. CRLF is written "\n".
  return function(...)
    local answers = { ... }
    local function crlf(text) return (text:gsub("\r?\n", "\r\n")) end
    for i, answer in ipairs(answers) do
      if type(answer) == "table" then
        for j, one in ipairs(answer) do answer[j] = crlf(one) end
      else
        answers[i] = crlf(answer)
      end
    end
    local peer = t.peer("local ANSWERS = " .. literal(answers) .. "\n" .. source)
    local port = tonumber(peer:line())
    local server = { peer = peer, port = port, url = "http://127.0.0.1:" .. port, connections = #answers }
    servers[#servers + 1] = server
    return setmetatable(server, Server)
  end
end
