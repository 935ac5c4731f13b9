-- LuaSocket's own socket.http, unmodified, in fibers against a slow server.

local t, s = ...
local socket = s.socket

local function http()
  local ok, module = pcall(require, "socket.http")
  if not ok then t.skip("no socket.http for this Lua") end
  return module
end

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
  local request = http().request
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
  -- On 5.1 a wait below pcall blocks the thread, and LuaSocket's http uses protect.
  if t.lua ~= "5.1" then t.near(took, 0.2, 2) end
end)

t.case("a limit and a refusal", function()
  local module = http()
  local peer = s.process(server_source, nil, 1)
  local port = peer:line()
  s.run(function()
    local body, err = module.request("http://127.0.0.1:" .. s.dead_port() .. "/")
    t.equal(body, nil)
    t.equal(err, "connection refused")
    module.TIMEOUT = 0.05
    body, err = module.request("http://127.0.0.1:" .. port .. "/")
    module.TIMEOUT = nil
    t.equal(body, nil)
    t.equal(err, "timeout")
  end)
end)
