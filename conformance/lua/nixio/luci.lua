-- How LuCI and programs around it use the library: a server on one poll list,
-- an HTTP client with limits and line sources, a sleep by poll.

local t, s = ...
local nixio, const = s.nixio, s.const

t.case("an HTTP request and its answer, by lines and then by blocks", function()
  local server, port = s.listener()
  local peer = t.peer([[
    local nixio = require("nixio")
    require("nixio.util")
    local c = assert(nixio.connect("127.0.0.1", ...))
    assert(c:setsockopt("socket", "sndtimeo", 15))
    assert(c:setsockopt("socket", "rcvtimeo", 15))
    assert(c:sendall("GET /x HTTP/1.1\r\nHost: here\r\n\r\n"))
    local lines = c:linesource()
    say((lines()))
    local headers = {}
    while true do
      local line = lines()
      if line == "" then break end
      local name, value = line:match("^(%S+):%s*(.*)$")
      headers[name:lower()] = value
    end
    local length = tonumber(headers["content-length"])
    local body = lines(true)
    body = body .. c:readall(length - #body)
    say(#body, body:sub(1, 3), body:sub(-3))
    c:close()
  ]], port)
  local a = t.ok(server:accept())
  local lines = a:linesource()
  t.gives("GET /x HTTP/1.1")(lines())
  t.gives("Host: here")(lines())
  t.gives("")(lines())
  local body = "abc" .. ("x"):rep(100000) .. "xyz"
  t.ok(a:writeall("HTTP/1.1 200 OK\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body:sub(1, 10)))
  t.ok(a:writeall(body:sub(11)))
  a:close()
  t.equal(peer:line(), "HTTP/1.1 200 OK")
  t.equal(peer:line(), #body .. " abc xyz")
end)

t.case("a server on one poll list, with handlers", function()
  local server, port = s.listener()
  server:setblocking(false)
  local served = 0
  local list = {}
  local function drop(entry)
    for i, other in ipairs(list) do
      if other == entry then table.remove(list, i) end
    end
    entry.fd:close()
    served = served + 1
  end
  list[1] = {
    fd = server,
    events = nixio.poll_flags("in"),
    handler = function()
      while true do
        local client, code = server:accept()
        if not client then
          t.equal(code, const.EWOULDBLOCK)
          return
        end
        client:setblocking(false)
        list[#list + 1] = {
          fd = client,
          events = nixio.poll_flags("in", "err", "hup"),
          handler = function(entry)
            local data, why = client:read(const.buffersize)
            if data == "" then
              drop(entry)
            elseif data then
              client:writeall(data:upper())
            else
              t.equal(why, const.EAGAIN)
            end
          end,
        }
      end
    end,
  }
  local clients = {}
  for i = 1, 5 do
    clients[i] = t.ok(nixio.connect("127.0.0.1", port))
    clients[i]:send("hello " .. i)
    clients[i]:shutdown("wr")
  end
  while served < 5 do
    local count = t.ok(nixio.poll(list, 5000))
    t.ok(count > 0)
    for _, entry in ipairs({ (table.unpack or unpack)(list) }) do
      if entry.revents and entry.revents ~= 0 then entry.handler(entry) end
    end
  end
  for i = 1, 5 do t.equal((clients[i]:readall()), "HELLO " .. i) end
end)

t.case("poll as a sleep", function()
  local took = t.elapsed(function() nixio.poll(nil, 20) end)
  t.near(took, 0.02 - s.slack, 1)
end)

t.case("results that are compared with nil and with false", function()
  local c, a = s.pair()
  a:setblocking(false)
  local data, code = a:recv(10)
  t.equal(data == false and code == const.EWOULDBLOCK, true)
  c:close()
  s.await(a)
  data = a:recv(10)
  t.equal(data and #data == 0, true)
end)

t.case("the descriptor's number, read from the text", function()
  local c, peer = s.pair()
  t.equal(tonumber(tostring(c):sub(13)), c:fileno())
end)

t.case("sockets as keys, and with fields in a table beside", function()
  local c, a = s.pair()
  local known = setmetatable({}, { __mode = "k" })
  known[c], known[a] = "client", "server"
  t.equal(known[c], "client")
  t.differs(c, a)
end)
