// The whole of Boost.JSON, once: there is no MinGW build of it in Debian.
#include <boost/json/src.hpp>
