-- socket.http in fibers against a slow server.

local t, s = ...
local socket = s.socket

local http = require("socket.http")

-- A server that takes its time with every answer.
local server_source = [[
  local server, port = listener()
  say(port)
  local count = tonumber((...))
  spawn(function()
    for _ = 1, count do
      local c = assert(server:accept())
      spawn(function()
        local path = c:receive():match("^%u+ (%S+)")
        repeat local line = c:receive() until line == "" or not line
        sleep(0.2)
        local body = ("body of " .. path .. "\n"):rep(1000)
        c:send("HTTP/1.1 200 OK\r\nContent-Length: " .. #body .. "\r\nConnection: close\r\n\r\n")
        for i = 1, #body, 3000 do
          c:send(body, i, i + 2999 < #body and i + 2999 or #body)
          sleep(0.001)
        end
        c:close()
      end)
    end
  end)
  run()
]]

t.case("twenty requests at once take the time of one", function()
  local request = http.request
  local peer = s.process(server_source, nil, 20)
  local port = peer:line()
  local good = 0
  for i = 1, 20 do
    s.spawn(function()
      local body, code = request("http://127.0.0.1:" .. port .. "/" .. i)
      t.equal(code, 200)
      t.equal(body == ("body of /" .. i .. "\n"):rep(1000), true)
      good = good + 1
    end)
  end
  local took = t.elapsed(s.run)
  t.equal(good, 20)
  t.near(took, 0.2, 2)
end)

t.case("a limit and a refusal", function()
  local peer = s.process(server_source, nil, 1)
  local port = peer:line()
  s.run(function()
    local body, err = http.request("http://127.0.0.1:" .. s.dead_port() .. "/")
    t.equal(body, nil)
    t.equal(err, "connection refused")
    http.TIMEOUT = 0.05
    body, err = http.request("http://127.0.0.1:" .. port .. "/")
    http.TIMEOUT = 60
    t.equal(body, nil)
    t.equal(err, "timeout")
  end)
end)
