-- Error values.

local t, s = ...
local generic, asio = s.emilua.generic_error, s.emilua.asio_error

t.case("what an error is", function()
  local err = generic.ECONNREFUSED
  t.equal(getmetatable(err), "error_code")
  t.equal(type(err.code), "number")
  t.equal(tostring(err.category), "generic")
  t.equal(tostring(err), err.category:message(err.code))
  t.equal(tostring(asio.misc.eof), "End of file")
  t.equal(asio.misc.eof.code, 2)
  t.equal(tostring(asio.basic.operation_aborted), "Operation canceled")
  t.equal(asio.basic.operation_aborted.category.name, "system")
end)

t.case("equality is of code and category", function()
  t.ok(generic.EINVAL == generic.EINVAL)
  t.ok(generic.EINVAL ~= generic.EBADF)
  t.ok(asio.basic.bad_descriptor ~= generic.EBADF)
  t.ok(asio.basic.bad_descriptor:togeneric() == generic.EBADF)
  t.ok(asio.misc.eof:togeneric() == asio.misc.eof)
  local err = generic.EINVAL
  err.arg, err.mine = 7, "note"
  t.ok(err == generic.EINVAL)
  t.equal(generic.EINVAL.mine, nil)
end)

t.case("an error is no other kind of object", function()
  local err = generic.EINVAL
  local others = { s.emilua.time.steady_timer.new(), err.category, {}, { code = 22, category = err.category },
    setmetatable({}, { __index = function() error("asked") end }) }
  for _, other in ipairs(others) do
    t.ok(err ~= other)
    t.ok(other ~= err)
  end
end)

t.case("every name of the system's, and of Asio's", function()
  for name in ([[E2BIG EBADMSG ECHILD EFBIG EIDRM EILSEQ EISDIR ELOOP EMLINK ENOEXEC ENOLCK ENOLINK ENOMSG ENOSPC
    ENOTDIR ENOTEMPTY ENOTRECOVERABLE ENOTTY ENXIO EOVERFLOW EOWNERDEAD EROFS ESPIPE ESRCH ETXTBSY EXDEV]]):gmatch("%S+") do
    t.equal(generic[name].category.name, "generic")
    t.equal(s.emilua.system_error[name]:togeneric(), generic[name])
  end
  t.equal(asio.misc.fd_set_failure.code, 4)
  local ok, err = s.emilua.pcall(s.ip.tcp.get_address_info, "127.0.0.1", "no-such-service")
  t.ok(not ok and err == asio.addrinfo.service_not_found, tostring(err))
  t.equal(asio.addrinfo.socket_type_not_supported.category.name, "asio.addrinfo")
end)

t.case("names that are none", function()
  s.raises("core.bad_index", function() return generic.ENOTHING end)
  s.raises("core.bad_index", function() return asio.misc.nothing end)
end)

t.case("every category has words", function()
  for name, category in pairs(s.emilua.error_category) do
    t.equal(tostring(category), name)
    t.equal(type(category:message(1)), "string")
    t.equal(type(category:message(9999)), "string")
  end
end)

t.case("errors of fibers are told in Emilua's words", function()
  local core = s.emilua.error_category["emilua.core"]
  for code, words in pairs({
    [8] = "Requested key wasn't found in the table/userdata", [9] = "The fiber coroutine is reserved to the scheduler",
    [10] = "Suspension already allowed", [11] = "Interrupt-ability already allowed",
    [12] = "Operation not permitted within a forbid-suspend block", [13] = "Fiber interrupted",
    [14] = "scope_cleanup_pop() called w/o a matching scope_cleanup_push()",
  }) do
    t.equal(core:message(code), words)
  end
end)
