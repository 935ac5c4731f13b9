-- receive and send with flags; out-of-band data.

local t, s = ...
local flag = s.ip.message_flag

t.case("the flags are four different numbers", function()
  local seen = {}
  for _, name in ipairs({ "do_not_route", "end_of_record", "out_of_band", "peek" }) do
    t.equal(type(flag[name]), "number")
    t.ok(not seen[flag[name]])
    seen[flag[name]] = true
  end
end)

s.case("none, in all spellings", function()
  local a, b = s.pair()
  for _, none in ipairs({ 0, {} }) do
    t.equal(a:send(s.span("abc"), none), 3)
    t.equal(s.read(b, 3, none), "abc")
  end
  t.equal(a:send("abc"), 3)
  t.equal(b:receive(s.byte_span.new(3)), 3)
  a:close()
  b:close()
end)

s.case("peek takes nothing", function()
  local a, b = s.pair()
  a:send("seen", 0)
  t.equal(s.read(b, 10, flag.peek), "seen")
  t.equal(s.read(b, 10, { "peek" }), "seen")
  t.equal(s.read(b, 2, flag.peek), "se")
  t.equal(s.read(b, 10, 0), "seen")
  s.raises("generic.EINVAL", function() s.read(b, 10, { "look" }) end)
  a:close()
  b:close()
end)

s.case("a peek waits, too", function()
  local a, b = s.pair()
  local peeker = s.spawn(function() return s.read(b, 10, flag.peek) end)
  s.this_fiber.yield()
  a:write_some("later")
  t.equal(peeker:join(), "later")
  t.equal(s.read(b), "later")
  a:close()
  b:close()
end)

s.case("out_of_band waits for the urgent byte", function()
  local a, b = s.pair()
  local urgent = s.spawn(function() return s.read(b, 1, flag.out_of_band) end)
  s.this_fiber.yield()
  a:write_some("plain")
  t.equal(s.read(b), "plain")
  a:send(s.span("!"), flag.out_of_band)
  t.equal(urgent:join(), "!")
  local never = s.spawn(function() return s.read(b, 1, { "out_of_band" }) end)
  s.this_fiber.yield()
  b:cancel()
  s.raises("ECANCELED", function() never:join() end)
  a:close()
  b:close()
end)

s.case("at_mark", function()
  local a, b = s.pair()
  b:set_option("out_of_band_inline", true)
  t.equal(b.at_mark, false)
  a:write_some("ab")
  a:send("!", flag.out_of_band)
  a:write_some("cd")
  s.await(function() return b:io_control("bytes_readable") == 5 end)
  t.equal(b.at_mark, false)
  t.equal(s.read(b), "ab")
  b:wait("read")
  t.equal(b.at_mark, true)
  t.equal(s.read(b, 1), "!")
  t.equal(b.at_mark, false)
  t.equal(s.read(b), "cd")
  a:close()
  b:close()
end)
