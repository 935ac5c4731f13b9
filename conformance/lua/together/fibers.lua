-- Every dialect as server and as client, each in a fiber of its own.

local t, s = ...
local spawn, run = s.moonsocket.spawn, s.moonsocket.run

--- Serves one client: so many bytes come back as upper case, until it ends.
local function serve(server, listener, sizes)
  local a = server.accept(listener)
  for _, size in ipairs(sizes) do server.send(a, (server.receive(a, size):upper())) end
  local rest = server.rest(a)
  a:close()
  return rest
end

s.case_for_each_pair("there and back", function(server, client)
  local listener, port = server.listen()
  local big = s.noise(1000000)
  local texts = { "a", "hello", big, "bye" }
  local sizes, rest, done = {}, nil, 0
  for i, text in ipairs(texts) do sizes[i] = #text end
  spawn(function() rest = serve(server, listener, sizes) end)
  spawn(function()
    local c = client.connect(port)
    for _, text in ipairs(texts) do
      client.send(c, text)
      if client.receive(c, #text) == text:upper() then done = done + 1 end
    end
    c:close()
  end)
  t.ok(run())
  listener:close()
  t.equal(rest, "")
  t.equal(done, #texts)
end)

t.case("all of them at once", function()
  local done, wanted = 0, 0
  s.each_pair(function(server, client)
    local listener, port = server.listen()
    for number = 1, 5 do
      wanted = wanted + 1
      local text = client.name .. " " .. number .. " to " .. server.name
      spawn(serve, server, listener, { #text, #text })
      spawn(function()
        local c = client.connect(port)
        for _ = 1, 2 do
          client.send(c, text)
          s.socket.sleep(0.001)
          if client.receive(c, #text) == text:upper() then done = done + 0.5 end
        end
        c:close()
      end)
    end
  end)
  t.ok(run())
  t.equal(done, wanted)
end)

t.case("a LuaSocket server that selects, and clients of all in fibers", function()
  local listener, port = s.dialects[1].listen()
  local answers = 0
  spawn(function()
    local list, left = { listener }, #s.dialects
    while left > 0 do
      for _, ready in ipairs((s.socket.select(list))) do
        if ready == listener then
          list[#list + 1] = listener:accept()
        else
          local line = ready:receive()
          if line then
            ready:send(line:upper())
          else
            for i = #list, 1, -1 do
              if list[i] == ready then table.remove(list, i) end
            end
            ready:close()
            left = left - 1
          end
        end
      end
    end
  end)
  for _, dialect in ipairs(s.dialects) do
    spawn(function()
      local c = dialect.connect(port)
      for i = 1, 3 do
        local text = dialect.name .. i
        dialect.send(c, text .. "\n")
        if dialect.receive(c, #text) == text:upper() then answers = answers + 1 end
      end
      c:close()
    end)
  end
  t.ok(run())
  t.equal(answers, 3 * #s.dialects)
end)

t.case("one dialect's reader waits while another's writer goes on", function()
  local order = {}
  s.each_pair(function(server, client)
    local listener, port = server.listen()
    spawn(function()
      local a = server.accept(listener)
      local got = server.receive(a, 4)
      order[#order + 1] = got == "late"
    end)
    spawn(function()
      local c = client.connect(port)
      s.socket.sleep(0.1)
      client.send(c, "late")
      c:close()
    end)
  end)
  local took = t.elapsed(function() t.ok(run()) end)
  t.equal(#order, #s.dialects * #s.dialects)
  for _, fine in ipairs(order) do t.equal(fine, true) end
  -- Sixteen waits of 100 ms, at the same time.
  t.near(took, 0.1 - 0.0005, 1.2)
end)
