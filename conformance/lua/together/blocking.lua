-- Every dialect as server and as client, in one thread without fibers.

local t, s = ...

s.case_for_each_pair("there and back", function(server, client)
  local listener, port = server.listen()
  local c = client.connect(port)
  local a = server.accept(listener)
  for i = 1, 20 do
    local text = client.name .. " asks " .. i .. "\n"
    client.send(c, text)
    t.equal(server.receive(a, #text), text)
    server.send(a, text:upper())
    t.equal(client.receive(c, #text), text:upper())
  end
  c:close()
  t.equal(server.rest(a), "")
  a:close()
  listener:close()
end)

t.case("one LuaSocket server, and a client of each at the same time", function()
  local listener, port = s.dialects[1].listen()
  local clients, accepted = {}, {}
  for i, dialect in ipairs(s.dialects) do clients[i] = dialect.connect(port) end
  for i = 1, #clients do accepted[i] = listener:accept() end
  for i, dialect in ipairs(s.dialects) do dialect.send(clients[i], "from " .. dialect.name .. "\n") end
  for i, dialect in ipairs(s.dialects) do
    t.equal(accepted[i]:receive(), "from " .. dialect.name)
    accepted[i]:send("to " .. dialect.name)
  end
  for i, dialect in ipairs(s.dialects) do
    local text = "to " .. dialect.name
    t.equal(dialect.receive(clients[i], #text), text)
    clients[i]:close()
    t.gives(nil, "closed", "")(accepted[i]:receive())
  end
end)

t.case("each is collected, whatever else is loaded", function()
  for _ = 1, 50 do
    for _, dialect in ipairs(s.dialects) do dialect.listen() end
  end
  t.collect()
end)

t.case("objects of one are none of another's", function()
  local made = {}
  for i, dialect in ipairs(s.dialects) do made[i] = dialect.listen() end
  for i, one in ipairs(made) do
    for j, other in ipairs(made) do
      if i ~= j then t.ok(not pcall(one.accept, other)) end
    end
  end
end)
