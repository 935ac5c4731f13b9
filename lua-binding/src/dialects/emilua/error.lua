-- Error values: tables with a code and a category. They are raised as they are.
local emilua, raw = ...
local error, getmetatable, setmetatable, type = error, getmetatable, setmetatable, type

local Category = {}
Category.__index = Category
Category.__metatable = "error_category"
function Category:__tostring() return self.name end

local categories = {}

local function category(name, message)
  local it = setmetatable({ name = name }, Category)
  function it.message(_, code) return message(code) end
  categories[name] = it
end

local function listed(name, texts)
  category(name, function(code) return texts[code] or "Unknown error" end)
end

category("system", function(code) return raw.message(code) end)
category("generic", function(code) return raw.message(code) end)
category("asio.addrinfo", function(code) return raw.resolver_message(code) end)
listed("asio.misc", { "Already open", "End of file", "Element not found", "The descriptor does not fit into the select call's fd_set" })
listed("asio.netdb", {
  "Host not found (authoritative)", "Host not found (non-authoritative), try again later",
  "A non-recoverable error occurred during database lookup", "The query is valid, but it does not have associated data",
})
listed("emilua.core", {
  [8] = "Requested key wasn't found in the table/userdata", [9] = "The fiber coroutine is reserved to the scheduler",
  [10] = "Suspension already allowed", [11] = "Interrupt-ability already allowed",
  [12] = "Operation not permitted within a forbid-suspend block", [13] = "Fiber interrupted",
  [14] = "scope_cleanup_pop() called w/o a matching scope_cleanup_push()",
})

local Error = { __metatable = "error_code" }
Error.__index = {}
function Error:__tostring() return self.category:message(self.code) end
function Error.__eq(a, b)
  -- Lua asks for any two tables of which one is an error.
  return getmetatable(a) == getmetatable(b) and a.code == b.code and a.category == b.category
end

local function new(code, name, arg)
  return setmetatable({ code = code, category = categories[name], arg = arg }, Error)
end

local function throw(code, name, arg)
  error(new(code, name, arg), 0)
end

-- The same error in the category that does not depend on the system.
function Error.__index:togeneric()
  local name = self.category.name
  if name == "system" then return new(self.code, "generic") end
  return self
end

raw.throw, raw.new_error = throw, new

function raw.is_interruption(err)
  return type(err) == "table" and err.category == categories["emilua.core"] and err.code == 13
end

-- Values by name, each one new: programs add fields to errors.
local function named(codes, name)
  return setmetatable({}, {
    __index = function(_, key)
      local code = codes[key]
      if not code then throw(8, "emilua.core") end
      return new(code, name)
    end,
  })
end

emilua.generic_error = named(raw.errno, "generic")
emilua.system_error = named(raw.errno, "system")
local E = raw.errno
emilua.asio_error = {
  basic = named({
    access_denied = E.EACCES, address_family_not_supported = E.EAFNOSUPPORT, address_in_use = E.EADDRINUSE,
    already_connected = E.EISCONN, already_started = E.EALREADY, bad_descriptor = E.EBADF, broken_pipe = E.EPIPE,
    connection_aborted = E.ECONNABORTED, connection_refused = E.ECONNREFUSED, connection_reset = E.ECONNRESET,
    fault = E.EFAULT, host_unreachable = E.EHOSTUNREACH, in_progress = E.EINPROGRESS, interrupted = E.EINTR,
    invalid_argument = E.EINVAL, message_size = E.EMSGSIZE, name_too_long = E.ENAMETOOLONG, network_down = E.ENETDOWN,
    network_reset = E.ENETRESET, network_unreachable = E.ENETUNREACH, no_buffer_space = E.ENOBUFS,
    no_descriptors = E.EMFILE, no_memory = E.ENOMEM, no_permission = E.EPERM, no_protocol_option = E.ENOPROTOOPT,
    no_such_device = E.ENODEV, not_connected = E.ENOTCONN, not_socket = E.ENOTSOCK, operation_aborted = E.ECANCELED,
    operation_not_supported = E.EOPNOTSUPP, shut_down = E.EPIPE, timed_out = E.ETIMEDOUT, try_again = E.EAGAIN,
    would_block = E.EWOULDBLOCK,
  }, "system"),
  addrinfo = named({ service_not_found = raw.eai.SERVICE, socket_type_not_supported = raw.eai.SOCKTYPE }, "asio.addrinfo"),
  misc = named({ already_open = 1, eof = 2, not_found = 3, fd_set_failure = 4 }, "asio.misc"),
  netdb = named({ host_not_found = 1, host_not_found_try_again = 2, no_recovery = 3, no_data = 4 }, "asio.netdb"),
}
emilua.error_category = categories
