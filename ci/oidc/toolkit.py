"""Another real server for the tests, in nothing related to the first: Django OAuth Toolkit, and an API behind it.

Writes its origin to the given file when it listens. Its user is `ann`, with any password that is `any`.
"""

import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
PAGE = """<form method="post">{% csrf_token %}{{ form }}<button type="submit">Sign in</button></form>"""

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    SECRET_KEY="tests",
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[2], "OPTIONS": {"timeout": 60}}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "oauth2_provider",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "loaders": [
                    ("django.template.loaders.locmem.Loader", {"registration/login.html": PAGE}),
                    "django.template.loaders.app_directories.Loader",
                ]
            },
        }
    ],
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    LOGIN_URL="/login/",
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True,
        "OIDC_RSA_PRIVATE_KEY": KEY.decode(),
        "PKCE_REQUIRED": True,
        "ROTATE_REFRESH_TOKEN": True,
        "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 0,
        "REFRESH_TOKEN_REUSE_PROTECTION": True,
        "ACCESS_TOKEN_EXPIRE_SECONDS": 600,
        "REFRESH_TOKEN_EXPIRE_SECONDS": 3600,
        "SCOPES": {"openid": "OpenID", "read": "Read", "write": "Write"},
        "DEFAULT_SCOPES": ["openid", "read"],
        "ALLOWED_REDIRECT_URI_SCHEMES": ["http"],
        # The origin is known once the server listens.
        "OAUTH_DEVICE_VERIFICATION_URI": "",
    },
)
settings.TEMPLATES[0].pop("APP_DIRS")
django.setup()

from datetime import timedelta  # noqa: E402

from django.contrib.auth.models import User  # noqa: E402
from django.contrib.auth.views import LoginView  # noqa: E402
from django.http import JsonResponse  # noqa: E402
from django.urls import include, path  # noqa: E402
from django.utils import timezone  # noqa: E402
from oauth2_provider.models import AccessToken, Application, RefreshToken  # noqa: E402
from oauth2_provider.urls import metadata_urlpatterns  # noqa: E402
from oauth2_provider.views.generic import ScopedProtectedResourceView  # noqa: E402


class Me(ScopedProtectedResourceView):
    """Refuses with 403 and nothing else, as the toolkit does."""

    required_scopes = ["read"]

    def get(self, request):
        user = request.resource_owner
        return JsonResponse({"sub": user.username if user else "service"})


def expire(request):
    """Lets every token expire that is out."""
    AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
    return JsonResponse({})


def counts(request):
    """How many refresh tokens were used, and how many are good."""
    used = RefreshToken.objects.filter(revoked__isnull=False).count()
    return JsonResponse({"used": used, "good": RefreshToken.objects.filter(revoked__isnull=True).count()})


urlpatterns = [
    path("o/", include("oauth2_provider.urls")),
    *metadata_urlpatterns,
    path("login/", LoginView.as_view()),
    path("api/me", Me.as_view()),
    path("control/expire", expire),
    path("control/counts", counts),
]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    # The default of 5 drops connections when 64 calls arrive at once.
    request_queue_size = 256


class Handler(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def main():
    call_command("migrate", verbosity=0)
    User.objects.create_user("ann", password="any")
    Application.objects.create(
        client_id="cli",
        client_secret="",
        authorization_grant_type="authorization-code",
        redirect_uris="http://127.0.0.1/",
        client_type="public",
        algorithm="RS256",
        skip_authorization=True,
    )
    Application.objects.create(
        client_id="service",
        client_secret="service-secret",
        client_type="confidential",
        authorization_grant_type="client-credentials",
    )
    Application.objects.create(
        client_id="device",
        client_secret="",
        authorization_grant_type=Application.GRANT_DEVICE_CODE,
        client_type="public",
    )
    server = make_server("127.0.0.1", 0, get_wsgi_application(), Server, Handler)
    origin = f"http://127.0.0.1:{server.server_port}"
    settings.OAUTH2_PROVIDER["OAUTH_DEVICE_VERIFICATION_URI"] = f"{origin}/o/device/"
    with open(sys.argv[1], "w") as ready:
        ready.write(f"{origin}\n")
    server.serve_forever()


if __name__ == "__main__":
    main()
