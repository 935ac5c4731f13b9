-- Where moonsocket differs from LuaSocket 3.1.0 on purpose: case -> reason.
-- On the original each of these cases must fail; one that passes is stale.
return {
}
