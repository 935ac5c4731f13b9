-- What the system says of this process.

local own = {}

--- Its number. (What /proc/self is to a child is the child.)
function own.pid()
  local file = assert(io.open("/proc/self/stat"))
  local pid = file:read("*l"):match("^%d+")
  file:close()
  return pid
end

--- Its descriptors: how many, how many of a reactor's (epoll, eventfd), which are made once and counted apart, and the
-- list as `ls` shows it. The pipe that the list comes through is left out: at that moment the C library may still hold
-- either end of it.
function own.descriptors()
  local pipe = assert(io.popen("readlink /proc/$$/fd/1; ls -l /proc/" .. own.pid() .. "/fd 2>/dev/null"))
  local own_pipe, list = pipe:read("*a"):match("^([^\n]*)\n(.*)$")
  pipe:close()
  local plain, reactor = 0, 0
  for target in list:gmatch(" %-> ([^\n]+)") do
    if target:find("^anon_inode:") then
      reactor = reactor + 1
    elseif target ~= own_pipe then
      plain = plain + 1
    end
  end
  return plain, reactor, list
end

return own
