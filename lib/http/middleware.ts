import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { App } from '../app';
import type { Answer } from './answer';

/** An HTTP request in API Gateway's payload format 2.0; `body` is parsed where one is expected. */
export type ApiEvent = Omit<APIGatewayProxyEventV2, 'body'> & { body?: unknown };

export interface ApiContext extends Context {
  app?: App;
  requestId?: string;
  /** When the request came, by `performance.now()`. */
  startedAt?: number;
  /** The position of the caller's key in `API_KEYS`, from 1. */
  key?: number;
  /** What nobody foresaw, for the log. */
  failure?: Error;
}

/** A part of the Middy stack of every function that has an HTTP event. */
export type Middleware = MiddlewareObj<ApiEvent, Answer, Error, ApiContext>;
