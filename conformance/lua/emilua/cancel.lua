-- close, cancel, release and collection while fibers wait.

local t, s = ...

local WAITS = {
  read_some = function(socket) return s.read(socket) end,
  receive = function(socket) return s.read(socket, 4, 0) end,
  ["wait read"] = function(socket) socket:wait("read") end,
  ["wait error"] = function(socket) socket:wait("error") end,
  write_all = function(socket) s.stream.write_all(socket, ("x"):rep(16 * 1024 * 1024)) end,
  ["write_all, a span"] = function(socket) s.stream.write_all(socket, s.byte_span.new(16 * 1024 * 1024)) end,
}

local ENDS = {
  close = function(socket) socket:close() end,
  cancel = function(socket) socket:cancel() end,
  release = function(socket) socket:release():close() end,
}

for how, finish in pairs(ENDS) do
  for what, wait in pairs(WAITS) do
    s.case(how .. " ends " .. what .. ", in the next turn", function()
      local a, b = s.pair()
      local over = false
      local fibers = {}
      for i = 1, 3 do
        fibers[i] = s.spawn(function()
          local ok, err = pcall(wait, a)
          over = true
          if not ok then error(err, 0) end
        end)
      end
      s.this_fiber.yield()
      s.this_fiber.yield()
      finish(a)
      t.equal(over, false, "ended within the call")
      for _, fiber in ipairs(fibers) do
        s.raises("ECANCELED", function() fiber:join() end)
        t.equal(fiber.interruption_caught, false)
      end
      t.equal(a.is_open, how == "cancel")
      if how == "cancel" and not what:find("write") then
        b:write_some("useful")
        t.equal(s.read(a), "useful")
      end
      a:close()
      b:close()
    end)
  end
end

s.case("an accept and a connect are ended", function()
  local acceptor = s.listener()
  local accepting = s.spawn(function() acceptor:accept() end)
  s.this_fiber.yield()
  acceptor:cancel()
  s.raises("ECANCELED", function() accepting:join() end)
  accepting = s.spawn(function() acceptor:accept() end)
  s.this_fiber.yield()
  acceptor:close()
  s.raises("ECANCELED", function() accepting:join() end)
end)

s.case("what one was cancelled out of, the next one gets", function()
  local a, b = s.pair()
  local fiber = s.spawn(function() return s.read(b) end)
  s.this_fiber.yield()
  b:cancel()
  a:write_some("not lost")
  s.raises("ECANCELED", function() fiber:join() end)
  t.equal(s.read(b), "not lost")
  a:close()
  b:close()
end)

s.case("a result that is there already is delivered", function()
  local a, b = s.pair()
  s.spawn(function() end):detach()
  local writer = s.spawn(function()
    local count = a:write_some("done")
    return count
  end)
  -- The write is done; its fiber has not had its turn.
  s.this_fiber.yield()
  a:cancel()
  t.equal(writer:join(), 4)
  t.equal(s.read(b), "done")
  a:close()
  b:close()
end)

s.case("a second fiber opens the same number while the first one's is closed", function()
  local a, b = s.pair()
  local reader = s.spawn(function() return s.read(a) end)
  s.this_fiber.yield()
  a:close()
  local c, d = s.pair()
  d:write_some("for another")
  s.raises("ECANCELED", function() reader:join() end)
  t.equal(s.read(c), "for another")
  for _, socket in ipairs({ b, c, d }) do socket:close() end
end)

s.case("a socket that only a waiting fiber has stays open", function()
  local a, b = s.pair()
  local reader = s.spawn((function(socket)
    return function() return s.read(socket) end
  end)(a))
  a = nil
  s.this_fiber.yield()
  t.collect()
  b:write_some("alive")
  t.equal(reader:join(), "alive")
  b:close()
end)
